"use client";

import {
  labelBiradsOrder,
  labelBiradsSchema,
  referenceSourceSchema,
  type BreastLabel,
  type LabelProblem,
} from "@crossread/contracts/breast-label";
import { findingSchema, type Laterality } from "@crossread/contracts/dataset-manifest";
import { useId } from "react";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { editBreast } from "./label-form-state.ts";

const findings = [null, ...findingSchema.options] as const;
const looks: Readonly<Record<string, string>> = {
  malignant: "has-checked:bg-malignant-soft has-checked:text-malignant-ink",
  benign: "has-checked:bg-benign-soft has-checked:text-benign-ink",
};

export function BreastFields(props: {
  laterality: Laterality;
  isImaged: boolean;
  label: BreastLabel;
  problems: readonly LabelProblem[];
  onChange: (label: BreastLabel) => void;
}) {
  const { laterality, isImaged, label, problems, onChange } = props;
  const name = useId();
  const edit = (change: Partial<BreastLabel>) => onChange(editBreast(label, change));
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-lg border border-slate-200 p-3">
      <legend className="px-1 text-sm font-semibold">
        {laterality === "R" ? "Right breast" : "Left breast"}
        {isImaged ? null : <span className="ml-2 text-xs font-normal text-slate-600">not imaged</span>}
      </legend>
      <div
        role="radiogroup"
        aria-label={`Finding, ${laterality === "R" ? "right" : "left"} breast`}
        className="grid grid-cols-4 overflow-hidden rounded-md border border-slate-300"
      >
        {findings.map((finding) => (
          <label
            key={finding ?? "unknown"}
            className={`flex h-8 cursor-pointer items-center justify-center border-l border-slate-300 text-sm first:border-l-0 hover:bg-slate-50 has-checked:font-medium has-focus-visible:z-10 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent-600 ${looks[finding ?? ""] ?? "has-checked:bg-slate-200"}`}
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={label.finding === finding}
              onChange={() => edit({ finding })}
            />
            {finding ?? "unknown"}
          </label>
        ))}
      </div>
      <div className="grid grid-cols-3 gap-x-3">
        <FormField label="Source">
          {(control) => (
            <Select
              {...control}
              disabled={label.finding === null}
              value={label.source ?? ""}
              onChange={(event) =>
                edit({ source: referenceSourceSchema.safeParse(event.target.value).data ?? null })
              }
            >
              <option value="">choose</option>
              {referenceSourceSchema.options.map((source) => (
                <option key={source} value={source}>
                  {source.replace("-", " ")}
                </option>
              ))}
            </Select>
          )}
        </FormField>
        <FormField label="Months">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={240}
              disabled={label.source !== "follow-up"}
              value={label.followUpMonths ?? ""}
              onChange={(event) =>
                edit({ followUpMonths: event.target.value === "" ? null : event.target.valueAsNumber })
              }
            />
          )}
        </FormField>
        <FormField label="BI-RADS">
          {(control) => (
            <Select
              {...control}
              value={label.birads ?? ""}
              onChange={(event) =>
                edit({ birads: labelBiradsSchema.safeParse(event.target.value).data ?? null })
              }
            >
              <option value="">unknown</option>
              {labelBiradsOrder.map((birads) => (
                <option key={birads} value={birads}>
                  {birads === "4" ? "4, not subdivided" : birads}
                </option>
              ))}
            </Select>
          )}
        </FormField>
      </div>
      <label
        className={`flex items-center gap-2 text-sm ${label.finding === "malignant" ? "" : "text-slate-500"}`}
      >
        <input
          type="checkbox"
          className="size-4 accent-accent-700"
          disabled={label.finding !== "malignant"}
          checked={label.isIntervalCancer}
          onChange={(event) => edit({ isIntervalCancer: event.target.checked })}
        />
        Interval cancer: shown between two rounds after a negative reading
      </label>
      {problems.length === 0 ? null : (
        <ul className="flex flex-col gap-1 text-xs" aria-live="polite">
          {problems.map(({ severity, field, message }) => (
            <li
              key={field + message}
              className={`rounded-sm px-2 py-1 ${severity === "error" ? "bg-failure-soft text-failure-ink" : "bg-warning-soft text-warning-ink"}`}
            >
              {message}
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}
