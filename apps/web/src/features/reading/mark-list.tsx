"use client";

import { markKindSchema, type MarkKind, type ReaderMark } from "@crossread/contracts/mark";
import { Trash2 } from "lucide-react";
import type { HungImage } from "../viewer/hanging.ts";

export const markKindNames: Readonly<Record<MarkKind, string>> = {
  mass: "Mass",
  calcification: "Calcification",
  asymmetry: "Asymmetry",
  "architectural-distortion": "Architectural distortion",
  other: "Other",
};

export function MarkList(props: {
  marks: readonly ReaderMark[];
  images: readonly HungImage[];
  selectedId: string | null;
  onSelect: (markId: string) => void;
  onChange: (marks: ReaderMark[]) => void;
}) {
  const { marks } = props;
  const nameOf = (mark: ReaderMark) => {
    const image = props.images.find((candidate) => candidate.instanceId === mark.instanceId);
    return image === undefined ? "" : `${image.laterality} ${image.view}`;
  };
  return (
    <section aria-label="Marks">
      <h2 className="mb-1 flex justify-between text-xs text-zinc-300">
        Marks <span className="text-[11px] text-zinc-500">E ellipse · P point · G polygon</span>
      </h2>
      {marks.length === 0 ? (
        <p className="text-xs text-zinc-500">None. Mark what you would call back for.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {marks.map((mark) => (
            <li
              key={mark.markId}
              className={`grid grid-cols-[4rem_1fr_auto] items-center gap-2 rounded-md border px-2 py-1 ${props.selectedId === mark.markId ? "border-yellow-200/70" : "border-zinc-700"}`}
            >
              <button
                type="button"
                onClick={() => props.onSelect(mark.markId)}
                className="text-left text-xs text-zinc-100"
              >
                {nameOf(mark)}
              </button>
              <select
                aria-label={`Kind of the mark on ${nameOf(mark)}`}
                value={mark.kind}
                onChange={(event) => {
                  const kind = markKindSchema.parse(event.target.value);
                  props.onChange(
                    marks.map((each) => (each.markId === mark.markId ? { ...each, kind } : each)),
                  );
                }}
                className="h-6 min-w-0 rounded-sm border border-zinc-700 bg-zinc-950 px-1 text-xs text-zinc-100"
              >
                {markKindSchema.options.map((kind) => (
                  <option key={kind} value={kind}>
                    {markKindNames[kind]}
                  </option>
                ))}
              </select>
              <button
                type="button"
                aria-label={`Delete the mark on ${nameOf(mark)}`}
                onClick={() => props.onChange(marks.filter((each) => each.markId !== mark.markId))}
                className="rounded-sm p-1 text-zinc-400 hover:bg-zinc-800 hover:text-zinc-100"
              >
                <Trash2 size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
