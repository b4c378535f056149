import { z } from "zod";
import type { SiteUpdate } from "./update.ts";

/**
 * "average": one set of running statistics for all. "keep-local": each site goes on with its own in the next round
 * (SiloBN, Andreux et al. 2020); the merged ones stay in the checkpoint for sites that have none yet.
 */
export const batchNormPolicySchema = z.enum(["average", "keep-local"]);
export type BatchNormPolicy = z.infer<typeof batchNormPolicySchema>;

export interface SiteStatistics {
  readonly siteId: string;
  readonly statistics: Float32Array;
}

/** What the sites keep for themselves. */
export function keptStatistics(policy: BatchNormPolicy, updates: readonly SiteUpdate[]): SiteStatistics[] {
  switch (policy) {
    case "average":
      return [];
    case "keep-local":
      return updates.map(({ siteId, statistics }) => ({ siteId, statistics: statistics.slice() }));
  }
}

/** Statistics with which a site starts its next round. */
export function statisticsForSite(
  siteId: string,
  merged: Float32Array,
  kept: readonly SiteStatistics[],
): Float32Array {
  return kept.find((own) => own.siteId === siteId)?.statistics ?? merged;
}
