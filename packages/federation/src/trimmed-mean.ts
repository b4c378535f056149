import { z } from "zod";
import { defineStrategy } from "./strategy.ts";
import type { SiteUpdate } from "./update.ts";

/**
 * Coordinate-wise mean of what is left when `trimCount` smallest and largest values are dropped; sites count alike.
 *
 * @param updates - S updates whose chosen parts have one shape [P]
 * @param part - which of their arrays
 * @param trimCount - per side, 2·trimCount < S
 * @returns shape [P]
 * @complexity O(P·S log S) time
 * @source Yin et al., ICML (2018), definition 2
 */
export function coordinateTrimmedMean(
  updates: readonly SiteUpdate[],
  part: "weights" | "statistics",
  trimCount: number,
): Float32Array {
  const column = new Float64Array(updates.length);
  const result = new Float32Array(updates[0]![part].length);
  const kept = updates.length - 2 * trimCount;
  for (let index = 0; index < result.length; index++) {
    for (let site = 0; site < updates.length; site++) column[site] = updates[site]![part][index]!;
    column.sort();
    let sum = 0;
    for (let position = trimCount; position < updates.length - trimCount; position++)
      sum += column[position]!;
    result[index] = sum / kept;
  }
  return result;
}

/** ⌊fraction·S⌋ values per side; the small constant keeps 0.29·100 at 29. */
function trimCountOf(fraction: number, siteCount: number): number {
  return Math.min(Math.floor(fraction * siteCount + 1e-9), (siteCount - 1) >> 1);
}

/** Unweighted on purpose: a site cannot buy influence with a large count. With ⌊fraction·S⌋ = 0 it is the plain mean. */
export const trimmedMean = defineStrategy({
  name: "trimmed-mean",
  parametersSchema: z.strictObject({ fraction: z.number().min(0).lt(0.5).default(0.2) }),
  aggregate: ({ updates, state }, { fraction }) => {
    const trimCount = trimCountOf(fraction, updates.length);
    return {
      weights: coordinateTrimmedMean(updates, "weights", trimCount),
      statistics: coordinateTrimmedMean(updates, "statistics", trimCount),
      state,
    };
  },
});
