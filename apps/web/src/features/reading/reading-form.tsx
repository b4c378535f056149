"use client";

import type { Laterality } from "@crossread/contracts/dataset-manifest";
import {
  biradsOrder,
  densitySchema,
  type Birads,
  type BreastAnswers,
  type ReadingAnswers,
} from "@crossread/contracts/reading";
import { useId } from "react";
import { nextBirads } from "./answer-entry.ts";
import { ChoiceField } from "./choice-field.tsx";

const breastNames: Readonly<Record<Laterality, string>> = { R: "Right breast", L: "Left breast" };

const biradsTitles: Readonly<Record<Birads, string>> = {
  "0": "Incomplete: more imaging needed",
  "1": "Negative",
  "2": "Benign",
  "3": "Probably benign",
  "4A": "Low suspicion",
  "4B": "Moderate suspicion",
  "4C": "High suspicion",
  "5": "Highly suggestive of malignancy",
  "6": "Known malignancy",
};

export function ReadingForm(props: {
  answers: ReadingAnswers;
  onChange: (answers: Partial<ReadingAnswers>) => void;
}) {
  const { answers, onChange } = props;
  const commentId = useId();
  return (
    <>
      {(["R", "L"] as const).map((laterality) => (
        <BreastForm
          key={laterality}
          laterality={laterality}
          breast={answers.breasts[laterality]}
          onChange={(breast) => onChange({ breasts: { ...answers.breasts, [laterality]: breast } })}
        />
      ))}
      <ChoiceField
        label="Density"
        hint="D"
        options={densitySchema.options.map((value) => ({ value, name: value }))}
        value={answers.density}
        onChange={(density) => onChange({ density })}
        columns={4}
        focusKey="density"
        choose={(key) => densitySchema.options.find((value) => value === key.toUpperCase())}
      />
      <div>
        <label htmlFor={commentId} className="mb-1 flex justify-between text-xs text-zinc-300">
          Comment <span className="text-[11px] text-zinc-400">C</span>
        </label>
        <textarea
          id={commentId}
          rows={2}
          maxLength={4_000}
          value={answers.comment}
          data-focus-key="comment"
          onChange={(event) => onChange({ comment: event.target.value })}
          className="w-full rounded-md border border-zinc-700 bg-zinc-950 px-2 py-1 text-sm text-zinc-100"
        />
      </div>
    </>
  );
}

function BreastForm(props: {
  laterality: Laterality;
  breast: BreastAnswers;
  onChange: (breast: BreastAnswers) => void;
}) {
  const { laterality, breast, onChange } = props;
  return (
    <section aria-label={breastNames[laterality]} className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold text-zinc-100">{breastNames[laterality]}</h2>
      <ChoiceField
        label="BI-RADS"
        hint={laterality}
        options={biradsOrder.map((value) => ({ value, name: value, title: biradsTitles[value] }))}
        value={breast.birads}
        onChange={(birads) => onChange({ ...breast, birads })}
        columns={9}
        focusKey={laterality}
        choose={(key) => nextBirads(key, breast.birads)}
      />
      <SuspicionField
        laterality={laterality}
        value={breast.suspicion}
        onChange={(suspicion) => onChange({ ...breast, suspicion })}
      />
    </section>
  );
}

function SuspicionField(props: {
  laterality: Laterality;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  const { value, onChange } = props;
  const id = useId();
  const label = `Suspicion of malignancy, ${breastNames[props.laterality].toLowerCase()}`;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-xs text-zinc-300">
        Suspicion of malignancy <span className="text-zinc-400">0 none – 100 certain</span>
      </label>
      <div className="grid grid-cols-[1fr_4rem] items-center gap-3">
        <input
          type="range"
          min={0}
          max={100}
          value={value ?? 0}
          aria-label={label}
          tabIndex={-1}
          onChange={(event) => onChange(Number(event.target.value))}
          className={`accent-accent-500 ${value === null ? "opacity-40" : ""}`}
        />
        <input
          id={id}
          type="number"
          min={0}
          max={100}
          inputMode="numeric"
          placeholder="–"
          value={value ?? ""}
          onChange={(event) => {
            const given = event.target.value === "" ? null : Math.round(Number(event.target.value));
            onChange(given === null ? null : Math.min(100, Math.max(0, given)));
          }}
          className="h-7 w-full rounded-md border border-zinc-700 bg-zinc-950 px-2 text-right text-sm text-zinc-100"
        />
      </div>
    </div>
  );
}
