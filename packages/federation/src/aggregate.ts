import { DomainError } from "@crossread/contracts/errors";
import { describeContributions, weightsDigest, type Contribution } from "./lineage.ts";
import { keptStatistics, type BatchNormPolicy, type SiteStatistics } from "./batch-norm-policy.ts";
import { sortedBySite, type GlobalModel, type SiteUpdate } from "./update.ts";
import type { ServerState, Strategy } from "./strategy.ts";

export interface RoundInput {
  readonly base: GlobalModel;
  /** Accepted by `checkUpdates`, in any order. */
  readonly updates: readonly SiteUpdate[];
  readonly strategy: Strategy;
  /** Empty before the first round. */
  readonly state: ServerState;
  readonly batchNormPolicy: BatchNormPolicy;
}

export interface RoundResult {
  readonly model: GlobalModel;
  readonly digest: string;
  /** Under "keep-local", one entry a site; otherwise empty. */
  readonly siteStatistics: readonly SiteStatistics[];
  readonly state: ServerState;
  readonly contributions: readonly Contribution[];
}

/**
 * Aggregates a round: the same updates give the same bits whatever their order of arrival.
 *
 * @param round.base - weights [P] and statistics [Q] of the checkpoint that the round started from
 * @param round.updates - S ≥ 1, one a site, of the base's shapes
 * @returns the new model (float32, accumulated in float64 in site order), the optimizer's state, lineage
 * @throws {DomainError} "aggregation-empty" if S = 0; "update-no-examples" if no example is counted;
 *   "update-duplicate" for two updates of one site; "update-shape-mismatch"; "update-not-finite" if the result is not
 *   finite (the server's step diverged); "quorum-not-reached" from Krum
 * @complexity O(S·P) time, O(P) memory; Krum O(S²·P)
 */
export function aggregateRound(round: RoundInput): RoundResult {
  const { base, strategy, state, batchNormPolicy } = round;
  const updates = sortedBySite(round.updates);
  assertAggregable(updates, base);
  const contributions = describeContributions(base.weights, updates);
  const { weights, statistics, state: nextState } = strategy.aggregate({ base, updates, state });
  const model = { weights, statistics };
  assertFiniteModel(model, strategy.name);
  return {
    model,
    digest: weightsDigest(model),
    siteStatistics: keptStatistics(batchNormPolicy, updates),
    state: nextState,
    contributions,
  };
}

function assertAggregable(updates: readonly SiteUpdate[], base: GlobalModel): void {
  if (updates.length === 0) {
    throw new DomainError("aggregation-empty", "An aggregation needs at least one update, got none.");
  }
  updates.forEach((update, index) => {
    const { siteId } = update;
    if (updates[index + 1]?.siteId === siteId) {
      throw new DomainError("update-duplicate", `Site ${siteId} is counted twice in one aggregation.`);
    }
    if (!(update.exampleCount >= 0)) {
      throw new DomainError(
        "update-no-examples",
        `Update from site ${siteId} counts ${update.exampleCount} examples.`,
      );
    }
    for (const part of ["weights", "statistics"] as const) {
      if (update[part].length !== base[part].length) {
        throw new DomainError(
          "update-shape-mismatch",
          `Update from site ${siteId} has ${update[part].length} ${part}, expected ${base[part].length}.`,
        );
      }
    }
  });
}

function assertFiniteModel(model: GlobalModel, strategyName: string): void {
  for (const part of ["weights", "statistics"] as const) {
    const index = model[part].findIndex((value) => !Number.isFinite(value));
    if (index >= 0) {
      throw new DomainError(
        "update-not-finite",
        `Strategy ${strategyName} gave ${model[part][index]} in ${part} at index ${index}.`,
      );
    }
  }
}
