"use client";

import { count } from "../../components/format.ts";
import { everyPeriod } from "./received-periods.ts";

const shownPeriods = 24;

/** Studies per day or month of receipt, oldest left; a click on a column filters. */
export function ReceivedChart(props: {
  values: readonly { value: string; studyCount: number }[];
  chosen: readonly string[];
  onToggle: (period: string) => void;
}) {
  const { values, chosen, onToggle } = props;
  const every = everyPeriod(values);
  const periods = every.slice(-shownPeriods);
  const earlierCount = every.slice(0, -shownPeriods).reduce((sum, { studyCount }) => sum + studyCount, 0);
  if (periods.length === 0 && chosen.length === 0) return null;
  const shown = [
    ...chosen.filter((period) => !periods.some(({ value }) => value === period)).map(asEmpty),
    ...periods,
  ].toSorted((a, b) => (a.value < b.value ? -1 : 1));
  const largest = Math.max(1, ...shown.map(({ studyCount }) => studyCount));
  const first = shown[0]?.value ?? "";
  const last = shown.at(-1)?.value ?? "";
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 flex w-full justify-between text-xs font-semibold text-slate-700">
        Received{" "}
        <span className="font-normal text-slate-500">per {first.length === 7 ? "month" : "day"}</span>
      </legend>
      <ul className="flex h-14 items-end gap-px border-b border-slate-300">
        {shown.map(({ value, studyCount }) => {
          const isChosen = chosen.includes(value);
          const name = `${value}: ${count(studyCount)} ${studyCount === 1 ? "study" : "studies"}`;
          return (
            <li key={value} className="h-full max-w-8 min-w-0 flex-1">
              <button
                type="button"
                aria-pressed={isChosen}
                aria-label={name}
                title={name}
                onClick={() => onToggle(value)}
                className="flex h-full w-full items-end hover:bg-slate-200/60"
              >
                <span
                  aria-hidden
                  className={`w-full ${isChosen ? "bg-accent-600" : "bg-slate-400"}`}
                  style={{ height: studyCount === 0 ? 0 : `max(2px, ${(studyCount / largest) * 100}%)` }}
                />
              </button>
            </li>
          );
        })}
      </ul>
      <p className="mt-0.5 flex justify-between text-[11px] text-slate-600">
        <span>
          {first}
          {earlierCount === 0 ? "" : ` (${count(earlierCount)} earlier)`}
        </span>
        <span>{last === first ? "" : last}</span>
      </p>
    </fieldset>
  );
}

const asEmpty = (value: string) => ({ value, studyCount: 0 });
