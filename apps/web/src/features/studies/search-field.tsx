"use client";

import { useRef, useState } from "react";
import { Input } from "../../components/form-field.tsx";

const pauseMs = 250;

/** Searches when the typing pauses, or at once with Enter. */
export function SearchField(props: { initial: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(props.initial);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const search = (value: string, delayMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => props.onSearch(value.trim()), delayMs);
  };
  return (
    <Input
      id="study-search"
      type="search"
      aria-label="Pseudonym, case or study UID"
      placeholder="Pseudonym, case or study UID   /"
      className="w-64!"
      maxLength={100}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        search(event.target.value, pauseMs);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") search(text, 0);
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}
