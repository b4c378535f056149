/** What a site returns of a round: its weights after local training, never rows, never gradients of single cases. */
export interface SiteUpdate {
  readonly siteId: string;
  /** 1 = the first round; 0 is the initial model. */
  readonly roundNumber: number;
  /** `weightsDigest` of the checkpoint that the site started from. */
  readonly baseDigest: string;
  /** Training examples behind the update; the weight of the site in weighted strategies. */
  readonly exampleCount: number;
  /** Trainable parameters, flat, in the order of the parameter table. */
  readonly weights: Float32Array;
  /** Running statistics of batch normalisation, flat. */
  readonly statistics: Float32Array;
}

/** The checkpoint that a round starts from, or the one that it makes. */
export interface GlobalModel {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
}

/** By site id in code-unit order: sums run in this order, so that arrival order cannot change a bit of the result. */
export function sortedBySite(updates: readonly SiteUpdate[]): SiteUpdate[] {
  return [...updates].sort((left, right) =>
    left.siteId < right.siteId ? -1 : left.siteId > right.siteId ? 1 : 0,
  );
}
