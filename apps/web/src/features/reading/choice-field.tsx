"use client";

import { useId, type KeyboardEvent } from "react";

/** One of few values as a row of radio buttons; `choose` also lets a typed character choose. */
export function ChoiceField<TValue extends string>(props: {
  label: string;
  hint?: string;
  options: readonly { readonly value: TValue; readonly name: string; readonly title?: string }[];
  value: TValue | null | undefined;
  onChange: (value: TValue) => void;
  columns: number;
  focusKey?: string;
  choose?: (key: string) => TValue | undefined;
}) {
  const name = useId();
  const focusValue = props.value ?? props.options[0]?.value;
  function handleKey(event: KeyboardEvent<HTMLFieldSetElement>) {
    const chosen = props.choose?.(event.key);
    if (chosen !== undefined && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      props.onChange(chosen);
      // The chosen button takes the focus, so that Tab goes on to the next field.
      event.currentTarget.querySelector<HTMLInputElement>(`input[value="${chosen}"]`)?.focus();
    }
    // Arrows move through the buttons here, not through the images.
    if (chosen !== undefined || event.key.startsWith("Arrow")) event.stopPropagation();
  }
  return (
    <fieldset onKeyDown={handleKey}>
      <legend className="mb-1 flex w-full items-baseline justify-between text-xs text-zinc-300">
        {props.label}
        {props.hint === undefined ? null : <span className="text-[11px] text-zinc-400">{props.hint}</span>}
      </legend>
      <div
        className="grid gap-px overflow-hidden rounded-md border border-zinc-700 bg-zinc-700"
        style={{ gridTemplateColumns: `repeat(${props.columns}, minmax(0, 1fr))` }}
      >
        {props.options.map((option) => (
          <label
            key={option.value}
            title={option.title}
            className="relative cursor-pointer bg-zinc-900 text-center text-xs leading-7 text-zinc-300 select-none hover:bg-zinc-800 has-checked:bg-accent-500 has-checked:font-semibold has-checked:text-black has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent-200"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              className="sr-only"
              checked={props.value === option.value}
              onChange={() => props.onChange(option.value)}
              data-focus-key={option.value === focusValue ? props.focusKey : undefined}
            />
            {option.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
