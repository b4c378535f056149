"use client";

import type { OperatingPointRule } from "@crossread/contracts/operating-point";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { describeRule } from "./operating-point-text.ts";

const starts: Readonly<Record<OperatingPointRule["rule"], OperatingPointRule>> = {
  youden: { rule: "youden" },
  "target-sensitivity": { rule: "target-sensitivity", sensitivity: 0.9 },
  fixed: { rule: "fixed", threshold: 0.5 },
};

export function OperatingPointField(props: {
  rule: OperatingPointRule;
  onChange: (rule: OperatingPointRule) => void;
}) {
  const { rule, onChange } = props;
  return (
    <>
      <FormField label="Operating point" help={`${describeRule(rule)}. Never chosen on the test split.`}>
        {(control) => (
          <Select
            {...control}
            value={rule.rule}
            onChange={(event) => {
              const chosen = Object.values(starts).find((start) => start.rule === event.target.value);
              if (chosen !== undefined) onChange(chosen);
            }}
          >
            <option value="youden">Youden index</option>
            <option value="target-sensitivity">Target sensitivity</option>
            <option value="fixed">Fixed threshold</option>
          </Select>
        )}
      </FormField>
      {rule.rule === "target-sensitivity" ? (
        <FormField label="Sensitivity wanted" help="0.5 to 1">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0.5}
              max={1}
              step="any"
              required
              value={rule.sensitivity}
              onChange={(e) => onChange({ rule: "target-sensitivity", sensitivity: Number(e.target.value) })}
            />
          )}
        </FormField>
      ) : null}
      {rule.rule === "fixed" ? (
        <FormField label="Threshold" help="0 to 1; a case is called malignant where its score reaches it.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={1}
              step="any"
              required
              value={rule.threshold}
              onChange={(e) => onChange({ rule: "fixed", threshold: Number(e.target.value) })}
            />
          )}
        </FormField>
      ) : null}
    </>
  );
}
