"use client";

import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { Trash2 } from "lucide-react";
import { descriptorWords } from "../labels/marks/mark-words.ts";
import type { HungImage } from "../viewer/hanging.ts";
import { MarkDetails, markKindNames } from "./mark-details.tsx";

export function MarkList(props: {
  marks: readonly ReaderMark[];
  images: readonly HungImage[];
  selectedId: string | null;
  onSelect: (markId: string) => void;
  onChange: (marks: ReaderMark[], gesture?: string) => void;
}) {
  const { marks, onChange } = props;
  const nameOf = (mark: ReaderMark) => {
    const image = props.images.find((candidate) => candidate.instanceId === mark.instanceId);
    return image === undefined ? "" : `${image.laterality} ${image.view}`;
  };
  return (
    <section aria-label="Marks">
      <h2 className="mb-1 flex justify-between text-xs text-zinc-300">
        Marks <span className="text-[11px] text-zinc-400">E P G S draw · N next · K details</span>
      </h2>
      {marks.length === 0 ? (
        <p className="text-xs text-zinc-400">None. Mark what you would call back for.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {marks.map((mark) => {
            const isSelected = props.selectedId === mark.markId;
            return (
              <li
                key={mark.markId}
                className={`grid grid-cols-[4rem_1fr_auto] items-center gap-x-2 gap-y-1 rounded-md border px-2 py-1 ${isSelected ? "border-yellow-200/70" : "border-zinc-700"}`}
              >
                <button
                  type="button"
                  aria-pressed={isSelected}
                  onClick={() => props.onSelect(mark.markId)}
                  className="col-span-2 grid grid-cols-subgrid text-left text-xs"
                >
                  <span className="text-zinc-100">{nameOf(mark)}</span>
                  <span className="truncate text-zinc-300">{summaryOf(mark)}</span>
                </button>
                <button
                  type="button"
                  aria-label={`Delete the mark on ${nameOf(mark)}`}
                  onClick={() => onChange(marks.filter((each) => each.markId !== mark.markId))}
                  className="rounded-sm p-1 text-zinc-400 hover:bg-zinc-800 hover:text-zinc-100"
                >
                  <Trash2 size={14} aria-hidden />
                </button>
                {isSelected ? (
                  <MarkDetails
                    mark={mark}
                    onChange={(next) =>
                      onChange(
                        marks.map((each) => (each.markId === next.markId ? next : each)),
                        `${next.markId}.details`,
                      )
                    }
                  />
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

const summaryOf = (mark: ReaderMark): string =>
  [markKindNames[mark.kind], ...descriptorWords(mark)].join(", ");
