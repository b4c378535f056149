import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";
import { coordinateTrimmedMean } from "./trimmed-mean.ts";
import { defineStrategy } from "./strategy.ts";
import type { SiteUpdate } from "./update.ts";

/**
 * Krum scores: how far each site lies from its nearest fellows.
 *
 * s(i) = Σ ‖wᵢ − wⱼ‖² over the S − f − 2 sites j nearest to i (at least one where there is one)
 *
 * @param updates - S ≥ 1 updates with weights of one shape [P]
 * @param faultySites - f, how many sites may send anything at all
 * @returns shape [S], smaller = more central
 * @complexity O(S²·P) time
 * @source Blanchard et al., NeurIPS (2017), section 4
 */
export function krumScores(updates: readonly SiteUpdate[], faultySites: number): number[] {
  const neighbours = Math.max(1, updates.length - faultySites - 2);
  const distances = updates.map(() => new Float64Array(updates.length));
  for (let left = 0; left < updates.length; left++) {
    for (let right = left + 1; right < updates.length; right++) {
      const distance = squaredDistance(updates[left]!.weights, updates[right]!.weights);
      distances[left]![right] = distance;
      distances[right]![left] = distance;
    }
  }
  return distances.map((row, site) =>
    row
      .filter((_, other) => other !== site)
      .sort()
      .slice(0, neighbours)
      .reduce((sum, distance) => sum + distance, 0),
  );
}

function squaredDistance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index]! - right[index]!) ** 2;
  return sum;
}

/** Krum for `selectedSites` = 1, Multi-Krum above: the plain mean of the most central sites; equal scores by site id. */
export const krum = defineStrategy({
  name: "krum",
  parametersSchema: z.strictObject({
    faultySites: z.int().nonnegative().default(0),
    selectedSites: z.int().positive().default(1),
  }),
  aggregate: ({ updates, state }, { faultySites, selectedSites }) => {
    const needed = Math.max(2 * faultySites + (faultySites > 0 ? 3 : 0), selectedSites);
    if (updates.length < needed) {
      throw new DomainError(
        "quorum-not-reached",
        `Krum over ${faultySites} faulty sites that selects ${selectedSites} needs ${needed} updates, got ${updates.length}.`,
      );
    }
    const scores = krumScores(updates, faultySites);
    const chosen = updates
      .map((update, index) => ({ update, index }))
      .sort((left, right) => scores[left.index]! - scores[right.index]! || left.index - right.index)
      .slice(0, selectedSites)
      .sort((left, right) => left.index - right.index)
      .map(({ update }) => update);
    return {
      weights: coordinateTrimmedMean(chosen, "weights", 0),
      statistics: coordinateTrimmedMean(chosen, "statistics", 0),
      state,
    };
  },
});
