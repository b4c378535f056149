"use client";

import type { ReaderMark } from "@crossread/contracts/reader-mark";
import type { HungImage } from "../viewer/hanging.ts";
import { descriptorWords } from "../labels/marks/mark-words.ts";
import { markKindNames } from "../reading/mark-details.tsx";
import type { OpenedArbitration } from "./arbitration-room.tsx";

type Reading = NonNullable<OpenedArbitration["revealed"]>["readings"][number];

const cell = "border-l border-zinc-700 px-2 py-1 text-right";

/** The final readings of the study's readers, unnamed, beside the arbitrator's own. */
export function OtherReadings(props: {
  readings: readonly Reading[];
  own: Reading;
  images: readonly HungImage[];
  keptIds: ReadonlySet<string>;
  areMarksShown: boolean;
  onShowMarks: (areShown: boolean) => void;
  onKeep: (mark: ReaderMark, isKept: boolean) => void;
}) {
  const { readings, own } = props;
  // Of more than two only the numbers fit side by side.
  const areMany = readings.length > 2;
  const columns = [
    { name: "Yours", head: "Yours", reading: own },
    ...readings.map((reading, index) => {
      const name = `Reading ${index + 1}`;
      return { name, head: areMany ? String(index + 1) : name, reading };
    }),
  ];
  const rows: readonly (readonly [string, (reading: Reading) => string | number | null])[] = [
    ["R BI-RADS", ({ breasts }) => breasts.R.birads],
    ["R suspicion", ({ breasts }) => breasts.R.suspicion],
    ["L BI-RADS", ({ breasts }) => breasts.L.birads],
    ["L suspicion", ({ breasts }) => breasts.L.suspicion],
    ["Density", ({ density }) => density],
    ["Marks", ({ marks }) => marks.length],
  ];
  const marks = readings.flatMap((reading, index) =>
    reading.marks.map((mark) => ({ mark, name: `Reading ${index + 1}` })),
  );
  return (
    <section aria-label="Readings of this case" className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold text-zinc-100">
        {readings.length === 1
          ? "One other reading of this case"
          : `${readings.length} other readings of this case`}
      </h2>
      <div
        className="overflow-x-auto rounded-md border border-zinc-700"
        tabIndex={0}
        role="region"
        aria-label="Answers side by side"
      >
        <table className="w-full text-xs text-zinc-200 tabular-nums">
          <thead>
            <tr className="text-zinc-400">
              <th scope="col" className="px-2 py-1 text-left font-normal">
                <span className={areMany ? "" : "sr-only"}>{areMany ? "Reading" : "Answer"}</span>
              </th>
              {columns.map(({ name, head }) => (
                <th
                  key={name}
                  scope="col"
                  aria-label={name}
                  className={`${cell} font-medium whitespace-nowrap`}
                >
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, valueOf]) => {
              const differs =
                name.endsWith("BI-RADS") && new Set(columns.map(({ reading }) => valueOf(reading))).size > 1;
              return (
                <tr key={name} className="border-t border-zinc-700">
                  <th scope="row" className="px-2 py-1 text-left font-normal whitespace-nowrap text-zinc-300">
                    {name}
                  </th>
                  {columns.map((column) => (
                    <td
                      key={column.name}
                      className={`${cell} ${differs ? "font-semibold text-yellow-100" : ""}`}
                    >
                      {valueOf(column.reading) ?? "–"}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-xs text-zinc-300">
          {marks.length === 0 ? "None of them has a mark." : "Their marks, dashed on the images"}
        </h3>
        {marks.length === 0 ? null : (
          <label className="flex items-center gap-1.5 text-xs text-zinc-300">
            <input
              type="checkbox"
              className="size-4 accent-accent-500"
              checked={props.areMarksShown}
              onChange={(event) => props.onShowMarks(event.target.checked)}
            />
            Shown <span className="text-[11px] text-zinc-400">M</span>
          </label>
        )}
      </div>
      {marks.length === 0 ? null : (
        <ul className="flex flex-col gap-1">
          {marks.map(({ mark, name }, index) => {
            const isKept = props.keptIds.has(mark.markId);
            const where = nameOf(mark, props.images);
            return (
              <li
                key={mark.markId}
                className="grid grid-cols-[1fr_auto] items-center gap-2 rounded-md border border-zinc-700 px-2 py-1 text-xs"
              >
                <p>
                  <span className="text-zinc-100">
                    {name} · {where}
                  </span>{" "}
                  <span className="text-zinc-300">{describe(mark)}</span>
                </p>
                <button
                  type="button"
                  aria-pressed={isKept}
                  aria-label={`Keep the mark of ${name} on ${where}`}
                  data-focus-key={index === 0 ? "readings" : undefined}
                  onClick={() => props.onKeep(mark, !isKept)}
                  className={`h-7 rounded-md border px-2 ${isKept ? "border-accent-500 bg-accent-500 font-semibold text-black" : "border-zinc-500 text-zinc-100 hover:bg-zinc-800"}`}
                >
                  {isKept ? "Kept" : "Keep"}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function nameOf(mark: ReaderMark, images: readonly HungImage[]): string {
  const image = images.find(({ instanceId }) => instanceId === mark.instanceId);
  return image === undefined ? "" : `${image.laterality} ${image.view}`;
}

const describe = (mark: ReaderMark): string =>
  [markKindNames[mark.kind], ...descriptorWords(mark)].join(", ");
