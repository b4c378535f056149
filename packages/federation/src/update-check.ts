import type { ErrorCode } from "@crossread/contracts/errors";
import { z } from "zod";
import { deltaNorm, updateDigest } from "./lineage.ts";
import { sortedBySite, type GlobalModel, type SiteUpdate } from "./update.ts";

/** When the norm of an update's delta stands out of its round. */
export const normRuleSchema = z.strictObject({
  /** Robust standard deviations (1.4826 · MAD) above the median. */
  deviations: z.number().positive().default(3.5),
  /** And this many times the median: sites of unlike size differ in norm without fault. */
  minimumRatio: z.number().min(1).default(3),
  /** Below this number of sound updates the round is too small to call one an outlier. */
  minimumSites: z.int().min(3).default(3),
});
export type NormRule = z.infer<typeof normRuleSchema>;
export const defaultNormRule: NormRule = normRuleSchema.parse({});

export type UpdateRefusalCode = Extract<ErrorCode, `update-${string}`>;

export interface RefusedUpdate {
  readonly siteId: string;
  readonly code: UpdateRefusalCode;
  /** One sentence: rule, what was got, which site. */
  readonly reason: string;
}

export interface CheckedRound {
  /** By site id, at most one a site. */
  readonly accepted: readonly SiteUpdate[];
  readonly refused: readonly RefusedUpdate[];
}

export interface RoundExpectation {
  readonly roundNumber: number;
  readonly baseDigest: string;
  readonly base: GlobalModel;
  readonly normRule: NormRule;
}

/**
 * Sorts the updates of a round into accepted and refused. The result does not depend on the order of arrival: of equal
 * copies one is kept, of unlike updates of one site none, since nothing says which is right.
 */
export function checkUpdates(updates: readonly SiteUpdate[], expected: RoundExpectation): CheckedRound {
  const refused: RefusedUpdate[] = [];
  const sound: SiteUpdate[] = [];
  for (const update of sortedBySite(updates)) {
    const fault = findFault(update, expected);
    if (fault === undefined) sound.push(update);
    else refused.push({ siteId: update.siteId, ...fault });
  }
  const { unique, duplicates } = separateDuplicates(sound);
  const { usual, outliers } = separateNormOutliers(unique, expected);
  return { accepted: usual, refused: [...refused, ...duplicates, ...outliers].sort(bySiteAndCode) };
}

function bySiteAndCode(left: RefusedUpdate, right: RefusedUpdate): number {
  const keyOf = ({ siteId, code, reason }: RefusedUpdate) => JSON.stringify([siteId, code, reason]);
  return keyOf(left) < keyOf(right) ? -1 : 1;
}

type Fault = Omit<RefusedUpdate, "siteId">;

function findFault(update: SiteUpdate, expected: RoundExpectation): Fault | undefined {
  const { siteId } = update;
  if (update.roundNumber !== expected.roundNumber) {
    return {
      code: "update-stale-base",
      reason: `Update from site ${siteId} is of round ${update.roundNumber}, expected round ${expected.roundNumber}.`,
    };
  }
  if (update.baseDigest !== expected.baseDigest) {
    return {
      code: "update-stale-base",
      reason: `Update from site ${siteId} starts from checkpoint ${update.baseDigest.slice(0, 12)}, expected ${expected.baseDigest.slice(0, 12)}.`,
    };
  }
  if (!Number.isSafeInteger(update.exampleCount) || update.exampleCount <= 0) {
    return {
      code: "update-no-examples",
      reason: `Update from site ${siteId} counts ${update.exampleCount} examples, expected at least one.`,
    };
  }
  for (const part of ["weights", "statistics"] as const) {
    const got = update[part];
    const wanted = expected.base[part].length;
    if (got.length !== wanted) {
      return {
        code: "update-shape-mismatch",
        reason: `Update from site ${siteId} has ${got.length} ${part}, expected ${wanted}.`,
      };
    }
    const index = got.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) {
      return {
        code: "update-not-finite",
        reason: `Update from site ${siteId} has ${got[index]} in ${part} at index ${index}, expected finite numbers.`,
      };
    }
  }
  return undefined;
}

function separateDuplicates(updates: readonly SiteUpdate[]) {
  const unique: SiteUpdate[] = [];
  const duplicates: RefusedUpdate[] = [];
  for (const siteId of new Set(updates.map((update) => update.siteId))) {
    const copies = updates.filter((update) => update.siteId === siteId);
    const digests = copies.length === 1 ? [""] : [...new Set(copies.map(updateDigest))];
    if (digests.length === 1) unique.push(copies[0]!);
    const extra = digests.length === 1 ? copies.length - 1 : copies.length;
    const reason =
      digests.length === 1
        ? `Site ${siteId} sent the same update ${copies.length} times, one was kept.`
        : `Site ${siteId} sent ${digests.length} different updates for one round, none was kept.`;
    for (let copy = 0; copy < extra; copy++) duplicates.push({ siteId, code: "update-duplicate", reason });
  }
  return { unique, duplicates };
}

function separateNormOutliers(updates: readonly SiteUpdate[], expected: RoundExpectation) {
  const { deviations, minimumRatio, minimumSites } = expected.normRule;
  if (updates.length < minimumSites) return { usual: updates, outliers: [] };
  const norms = updates.map((update) => deltaNorm(update.weights, expected.base.weights));
  const centre = median(norms);
  const scale = 1.4826 * median(norms.map((norm) => Math.abs(norm - centre)));
  const limit = Math.max(centre + deviations * scale, minimumRatio * centre);
  const outliers = updates.flatMap(({ siteId }, index): RefusedUpdate[] =>
    norms[index]! <= limit
      ? []
      : [
          {
            siteId,
            code: "update-norm-outlier",
            reason: `Update from site ${siteId} moved by ${norms[index]!.toPrecision(4)}, the round's median is ${centre.toPrecision(4)} and its limit ${limit.toPrecision(4)}.`,
          },
        ],
  );
  return { usual: updates.filter((_, index) => norms[index]! <= limit), outliers };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
