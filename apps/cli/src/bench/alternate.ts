import { quantile } from "@crossread/metrics/quantile";
import type { Contestant } from "./contestant.ts";

export interface Schedule {
  /** Steps before the first round, not counted. */
  readonly warmUpSteps: number;
  readonly rounds: number;
  /** Steps at the start of each block that are not counted: caches and memory must come back after the other's turn. */
  readonly settlingSteps?: number;
  /** Steps in a row of one contestant. */
  readonly blockSteps: number;
}

/** Milliseconds by round, then by step. */
export type Samples = readonly (readonly number[])[];

/**
 * Blocks of steps of every contestant in turn, in opposite order every other round: what else the machine does, and how
 * it clocks, then falls on all of them alike.
 */
export async function measureAlternately(
  contestants: readonly Pick<Contestant, "name" | "measure">[],
  schedule: Schedule,
  onRound: (round: number) => void = () => undefined,
): Promise<Samples[]> {
  for (const contestant of contestants) await contestant.measure(schedule.warmUpSteps);
  const samples = contestants.map((): number[][] => []);
  for (let round = 0; round < schedule.rounds; round++) {
    const order = contestants.map((_, index) => index);
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const contestant = contestants[index]!;
      if (schedule.settlingSteps !== undefined) await contestant.measure(schedule.settlingSteps);
      samples[index]!.push(await contestant.measure(schedule.blockSteps));
    }
    onRound(round + 1);
  }
  return samples;
}

export interface Timing {
  readonly stepCount: number;
  readonly medianMs: number;
  readonly minimumMs: number;
}

export function timingOf(samples: Samples): Timing {
  const all = samples.flat();
  return { stepCount: all.length, medianMs: median(all), minimumMs: Math.min(...all) };
}

export interface TimeRatio {
  readonly ofMedians: number;
  readonly ofMinima: number;
  /** Median over rounds of the ratio of the two medians of a round. */
  readonly medianOfRounds: number;
}

/** Below 1: the first is faster. */
export function timeRatio(ours: Samples, theirs: Samples): TimeRatio {
  const [own, other] = [timingOf(ours), timingOf(theirs)];
  return {
    ofMedians: own.medianMs / other.medianMs,
    ofMinima: own.minimumMs / other.minimumMs,
    medianOfRounds: median(ours.map((block, round) => median(block) / median(theirs[round]!))),
  };
}

const median = (values: readonly number[]): number => quantile(values, 0.5);
