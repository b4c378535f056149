import { assertOpenUnitInterval, assertSameLength } from "./input-assertions.ts";
import { defaultConfidence } from "./estimate.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { createRandom } from "./random.ts";
import { percentileInterval, type Replicates } from "./cluster-bootstrap.ts";

export interface LeaderboardRow {
  readonly id: string;
  readonly caseCount: number;
  readonly value: number;
  /** Bootstrap replicates of value; rows over the same cases use one seed (paired), others a seed each. */
  readonly replicates: Replicates;
}

export interface RankedRow {
  readonly id: string;
  readonly value: number;
  /** 1 = best; equal values share the better rank. */
  readonly rank: number;
  readonly rankLower: number;
  readonly rankUpper: number;
  /** 1 = the leader's group; rows of a group are not told apart from its first row. */
  readonly tieGroup: number;
}

export interface Leaderboard {
  readonly ranked: readonly RankedRow[];
  readonly unranked: readonly { readonly id: string; readonly reason: string }[];
}

/** Seed of a row whose cases no other row shares. */
export function rowSeed(seed: number, rowId: string): number {
  return createRandom(seed)
    .fork(rowId)
    .nextInt(2 ** 32);
}

/**
 * Ranks with intervals and tie groups from bootstrap replicates.
 *
 * Rank interval: percentiles of the row's rank over resamples, ties counted in both directions. Tie group: the first row
 * and all rows after it for which the percentile interval of (first − row) includes 0; the next row opens the next group.
 *
 * @param rows - replicates of equal length B; a resample in which any ranked row is undefined is left out
 * @param options.minimumCaseCount - rows with fewer cases are listed without a rank
 * @param options.better - direction of value
 * @returns ranked best first, equal values by id
 * @throws {MetricInputError} "duplicate-subject" for two rows of one id; "length-mismatch"; "too-few-cases" if more than
 *   a tenth of the resamples is left out; "out-of-range"
 * @remarks Differences are not adjusted for their number.
 * @source Goldstein & Spiegelhalter, JRSS A 159:385 (1996), rank intervals
 */
export function rankLeaderboard(
  rows: readonly LeaderboardRow[],
  options: {
    readonly minimumCaseCount: number;
    readonly better: "higher" | "lower";
    readonly confidence?: number;
  },
): Leaderboard {
  const confidence = options.confidence ?? defaultConfidence;
  assertOpenUnitInterval("confidence", confidence);
  if (new Set(rows.map((row) => row.id)).size !== rows.length) {
    throw new MetricInputError("duplicate-subject", "Each row of a leaderboard needs an id of its own.");
  }
  const sign = options.better === "higher" ? 1 : -1;
  const eligible = rows
    .filter((row) => row.caseCount >= options.minimumCaseCount)
    .sort((left, right) => sign * (right.value - left.value) || (left.id < right.id ? -1 : 1));
  const ranks = ranksByResample(eligible, sign);
  let leader = eligible[0];
  let tieGroup = 1;
  const ranked = eligible.map((row, index) => {
    if (leader !== undefined && leader !== row && !isTied(leader, row, confidence)) {
      leader = row;
      tieGroup++;
    }
    return {
      id: row.id,
      value: row.value,
      rank: 1 + eligible.filter((other) => sign * (other.value - row.value) > 0).length,
      rankLower: orderStatistic(ranks.best[index]!, (1 - confidence) / 2, Math.floor),
      rankUpper: orderStatistic(ranks.worst[index]!, (1 + confidence) / 2, Math.ceil),
      tieGroup,
    };
  });
  const unranked = rows
    .filter((row) => row.caseCount < options.minimumCaseCount)
    .map((row) => ({
      id: row.id,
      reason: `${row.caseCount} cases are fewer than the ${options.minimumCaseCount} that a rank needs.`,
    }));
  return { ranked, unranked };
}

/** Per row and resample: the rank if ties fall for the row (best) and against it (worst). */
function ranksByResample(rows: readonly LeaderboardRow[], sign: number) {
  const best: number[][] = rows.map(() => []);
  const worst: number[][] = rows.map(() => []);
  const resamples = rows[0]?.replicates.length ?? 0;
  for (const row of rows) assertSameLength("replicates of a leaderboard row", row.replicates, resamples);
  let used = 0;
  for (let resample = 0; resample < resamples; resample++) {
    const values = rows.map((row) => row.replicates[resample]);
    if (!values.every((value) => value !== undefined)) continue;
    used++;
    values.forEach((value, index) => {
      const ahead = values.filter((other) => sign * (other - value) > 0).length;
      const level = values.filter((other) => other === value).length;
      best[index]!.push(ahead + 1);
      worst[index]!.push(ahead + level);
    });
  }
  if (rows.length > 0 && (used === 0 || used < 0.9 * resamples)) {
    throw new MetricInputError(
      "too-few-cases",
      `Ranks need a value of every row in nine of ten resamples, got ${used} of ${resamples}.`,
    );
  }
  return { best, worst };
}

function isTied(leader: LeaderboardRow, row: LeaderboardRow, confidence: number): boolean {
  const differences = leader.replicates.map((value, index) => {
    const other = row.replicates[index];
    return value === undefined || other === undefined ? undefined : value - other;
  });
  const interval = percentileInterval(differences, confidence);
  return interval.lower <= 0 && interval.upper >= 0;
}

function orderStatistic(ranks: readonly number[], p: number, round: (position: number) => number): number {
  const sorted = [...ranks].sort((left, right) => left - right);
  return sorted[round(p * (sorted.length - 1))]!;
}
