"use client";

import { useState, type ReactNode } from "react";
import { FormField, Input } from "./form-field.tsx";

/** Keeps what is typed; hands on what is a number within the bounds. */
export function NumberField(props: {
  label: string;
  help?: ReactNode;
  value: number;
  bounds: { min: number; max: number; step: number | "any" };
  onChange: (value: number) => void;
}) {
  const { bounds, value } = props;
  const [draft, setDraft] = useState<string>();
  const isLegal = (text: string) => {
    const number = Number(text);
    if (text === "" || !Number.isFinite(number) || number < bounds.min || number > bounds.max) return false;
    return bounds.step === "any" || bounds.step < 1 || Number.isInteger(number);
  };
  const hasError = draft !== undefined && !isLegal(draft);
  return (
    <FormField
      label={props.label}
      help={props.help}
      error={hasError ? `Between ${bounds.min} and ${bounds.max}.` : undefined}
    >
      {(control) => (
        <Input
          {...control}
          type="number"
          required
          {...bounds}
          value={draft ?? value}
          onChange={(event) => {
            setDraft(event.target.value);
            if (isLegal(event.target.value)) props.onChange(Number(event.target.value));
          }}
          onBlur={() => {
            if (!hasError) setDraft(undefined);
          }}
        />
      )}
    </FormField>
  );
}
