import { isDomainError } from "@crossread/contracts/errors";
import { formatTable } from "../output.ts";
import {
  measureAlternately,
  timeRatio,
  timingOf,
  type Schedule,
  type Timing,
  type TimeRatio,
} from "./alternate.ts";
import type { Contestant, ContestantInfo } from "./contestant.ts";

export interface Absence {
  readonly name: string;
  /** Why, and how to get it. */
  readonly reason: string;
}

interface ComparisonRow extends Timing {
  readonly name: string;
  readonly info: ContestantInfo;
  readonly peakBytes?: number;
  /** Ours divided by this one; absent for ours. */
  readonly ratio?: TimeRatio & { readonly peakMemory?: number };
}

export interface Comparison {
  readonly title: string;
  /** Images (or updates, or files) that one step works through. */
  readonly itemsPerStep: number;
  readonly itemName: string;
  readonly schedule: Schedule;
  /** Ours first. */
  readonly rows: readonly ComparisonRow[];
  readonly absent: readonly Absence[];
}

export interface ComparisonPlan extends Pick<Comparison, "title" | "itemsPerStep" | "itemName" | "schedule"> {
  readonly ours: () => Promise<Contestant>;
  readonly baselines: readonly (() => Promise<Contestant | Absence>)[];
  readonly onProgress: (line: string) => void;
}

/** Starts everybody, measures in turn, stops everybody. A baseline that cannot start is absent, never a failure. */
export async function compare(plan: ComparisonPlan): Promise<Comparison> {
  const { itemName, itemsPerStep, onProgress, schedule, title } = plan;
  const contestants: Contestant[] = [];
  const absent: Absence[] = [];
  try {
    contestants.push(await plan.ours());
    for (const start of plan.baselines) {
      const started = await start();
      if ("measure" in started) contestants.push(started);
      else absent.push(started);
    }
    onProgress(`${title}: ${contestants.map(({ name }) => name).join(" against ")}`);
    const samples = await measureAlternately(contestants, schedule, (round) => {
      onProgress(`${title}: round ${round} of ${schedule.rounds}`);
    });
    const ourPeak = contestants[0]?.peakBytes();
    const rows = contestants.map((contestant, index): ComparisonRow => {
      const peak = contestant.peakBytes();
      return {
        name: contestant.name,
        info: contestant.info,
        ...timingOf(samples[index]!),
        ...(peak === undefined ? {} : { peakBytes: peak }),
        ...(index > 0 && {
          ratio: {
            ...timeRatio(samples[0]!, samples[index]!),
            ...(ourPeak !== undefined && peak !== undefined && { peakMemory: ourPeak / peak }),
          },
        }),
      };
    });
    return { title, itemName, itemsPerStep, schedule, rows, absent };
  } finally {
    for (const contestant of contestants) contestant.close();
  }
}

/** A baseline that fails to start says why instead of ending the bench. */
export async function orAbsent(
  name: string,
  start: () => Promise<Contestant>,
): Promise<Contestant | Absence> {
  try {
    return await start();
  } catch (error) {
    if (isDomainError(error)) return { name, reason: error.message };
    throw error;
  }
}

export function describeComparison(comparison: Comparison): string {
  const { absent, itemName, itemsPerStep, rows, schedule, title } = comparison;
  const megabytes = (bytes: number | undefined) =>
    bytes === undefined ? "–" : `${(bytes / 1e6).toFixed(0)} MB`;
  const lines = rows.flatMap(({ name, ratio }) =>
    ratio === undefined
      ? []
      : [
          `  ours / ${name}: ${ratio.ofMedians.toFixed(3)} (medians), ${ratio.ofMinima.toFixed(3)} (minima), ` +
            `${ratio.medianOfRounds.toFixed(3)} (median of rounds)` +
            (ratio.peakMemory === undefined ? "" : `; peak memory ${ratio.peakMemory.toFixed(2)}`),
        ],
  );
  return [
    `${title}  (${schedule.rounds} rounds of ${schedule.blockSteps} steps in turn, ` +
      `${schedule.settlingSteps ?? 0} before each and ${schedule.warmUpSteps} before the first not counted)`,
    formatTable(
      ["", "Median ms", "Minimum ms", `Median ms a ${itemName}`, "Peak memory", ""],
      rows.map((row) => [
        row.name,
        row.medianMs.toFixed(1),
        row.minimumMs.toFixed(1),
        (row.medianMs / itemsPerStep).toFixed(2),
        megabytes(row.peakBytes),
        Object.entries(row.info)
          .map(([key, value]) => (key === "version" ? String(value) : `${key} ${value}`))
          .join(", "),
      ]),
    ),
    ...lines,
    ...absent.map(({ name, reason }) => `  absent: ${name}: ${reason}`),
  ].join("\n");
}
