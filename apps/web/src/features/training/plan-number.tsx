"use client";

import type { TrainingPlan } from "@crossread/contracts/training-plan";
import { NumberField } from "../../components/number-field.tsx";

type NumericField = {
  [TKey in keyof TrainingPlan]: TrainingPlan[TKey] extends number ? TKey : never;
}[keyof TrainingPlan];

/** One number of a plan. */
export function PlanNumber(props: {
  plan: TrainingPlan;
  field: NumericField;
  label: string;
  help: string;
  bounds: { min: number; max: number; step: number | "any" };
  onChange: (part: Partial<TrainingPlan>) => void;
}) {
  const { field } = props;
  return (
    <NumberField
      label={props.label}
      help={props.help}
      value={props.plan[field]}
      bounds={props.bounds}
      onChange={(value) => props.onChange({ [field]: value })}
    />
  );
}
