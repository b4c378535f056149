"use client";

import { markKindSchema, type MarkKind } from "@crossread/contracts/mark";
import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { descriptorsOfKind, lesionDescriptorsSchema } from "@crossread/contracts/reference-mark";
import { descriptorNames, plain } from "../labels/marks/mark-words.ts";
import { ChoiceField } from "./choice-field.tsx";
import { withDescriptor, withKind } from "./mark-description.ts";

export const markKindNames: Readonly<Record<MarkKind, string>> = {
  mass: "Mass",
  calcification: "Calcification",
  asymmetry: "Asymmetry",
  "architectural-distortion": "Architectural distortion",
  other: "Other",
};

const grades = ["1", "2", "3", "4", "5"] as const;
const control =
  "h-7 w-full min-w-0 rounded-sm border border-zinc-600 bg-zinc-950 px-1.5 text-xs text-zinc-100";

/** A long form would leave the lower half below its edge. */
function bringIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}

/** Finding type, the descriptors of BI-RADS that go with it, and how well the finding can be seen. */
export function MarkDetails(props: { mark: ReaderMark; onChange: (mark: ReaderMark) => void }) {
  const { mark, onChange } = props;
  return (
    <section
      aria-label="Chosen mark"
      ref={bringIntoView}
      className="col-span-3 flex flex-col gap-2 border-t border-zinc-700 pt-2"
    >
      <div className="grid grid-cols-2 gap-2">
        <label className="text-[11px] text-zinc-400">
          Finding
          <select
            className={control}
            value={mark.kind}
            data-focus-key="mark"
            onChange={(event) => onChange(withKind(mark, markKindSchema.parse(event.target.value)))}
          >
            {markKindSchema.options.map((kind) => (
              <option key={kind} value={kind}>
                {markKindNames[kind]}
              </option>
            ))}
          </select>
        </label>
        {descriptorsOfKind[mark.kind].map((name) => (
          <label key={name} className="text-[11px] text-zinc-400">
            {descriptorNames[name]}
            <select
              className={control}
              value={mark.descriptors?.[name] ?? ""}
              onChange={(event) => onChange(withDescriptor(mark, name, event.target.value))}
            >
              <option value="">not said</option>
              {lesionDescriptorsSchema.shape[name].unwrap().options.map((value) => (
                <option key={value} value={value}>
                  {plain(value)}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <ChoiceField
        label="Conspicuity"
        hint="1 barely seen – 5 at once"
        options={grades.map((value) => ({ value, name: value }))}
        value={grades.find((grade) => Number(grade) === mark.conspicuity)}
        onChange={(grade) => onChange({ ...mark, conspicuity: Number(grade) })}
        columns={5}
        choose={(key) => grades.find((grade) => grade === key)}
      />
    </section>
  );
}
