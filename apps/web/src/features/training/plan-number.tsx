"use client";

import type { TrainingPlan } from "@crossread/contracts/training-plan";
import { useState } from "react";
import { FormField, Input } from "../../components/form-field.tsx";

type NumberField = {
  [TKey in keyof TrainingPlan]: TrainingPlan[TKey] extends number ? TKey : never;
}[keyof TrainingPlan];

/** Keeps what is typed; hands on what is a number within the bounds. */
export function PlanNumber(props: {
  plan: TrainingPlan;
  field: NumberField;
  label: string;
  help: string;
  bounds: { min: number; max: number; step: number | "any" };
  onChange: (part: Partial<TrainingPlan>) => void;
}) {
  const { bounds, field } = props;
  const [draft, setDraft] = useState<string>();
  const isLegal = (value: number) =>
    Number.isFinite(value) &&
    value >= bounds.min &&
    value <= bounds.max &&
    (bounds.step === "any" || Number.isInteger(value));
  const hasError = draft !== undefined && !isLegal(Number(draft));
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
          value={draft ?? props.plan[field]}
          onChange={(event) => {
            setDraft(event.target.value);
            const value = Number(event.target.value);
            if (event.target.value !== "" && isLegal(value)) props.onChange({ [field]: value });
          }}
          onBlur={() => {
            if (!hasError) setDraft(undefined);
          }}
        />
      )}
    </FormField>
  );
}
