import { DomainError } from "@crossread/contracts/errors";
import type { SiteUpdate } from "./update.ts";

/**
 * Mean over sites, weighted by their example counts.
 *
 * w̄ = Σₛ nₛ·wₛ / Σₛ nₛ, summed in float64 in the order given
 *
 * @param updates - S ≥ 1 updates whose chosen parts have one shape [P]
 * @param part - which of their arrays
 * @returns shape [P], float64, not yet rounded
 * @throws {DomainError} "aggregation-empty" if S = 0; "update-no-examples" if Σ nₛ is 0
 * @complexity O(S·P) time, O(P) memory
 * @source McMahan et al., AISTATS (2017), Algorithm 1
 */
export function weightedMean(updates: readonly SiteUpdate[], part: "weights" | "statistics"): Float64Array {
  const first = updates[0];
  if (first === undefined)
    throw new DomainError("aggregation-empty", "An aggregation needs at least one update, got none.");
  const total = updates.reduce((sum, update) => sum + update.exampleCount, 0);
  if (!(total > 0)) {
    throw new DomainError(
      "update-no-examples",
      `The ${updates.length} updates of the round count no example.`,
    );
  }
  const mean = new Float64Array(first[part].length);
  for (const update of updates) {
    const values = update[part];
    for (let index = 0; index < mean.length; index++) mean[index]! += update.exampleCount * values[index]!;
  }
  for (let index = 0; index < mean.length; index++) mean[index]! /= total;
  return mean;
}

/** `weightedMean` rounded to float32. */
export function averaged(updates: readonly SiteUpdate[], part: "weights" | "statistics"): Float32Array {
  return Float32Array.from(weightedMean(updates, part));
}
