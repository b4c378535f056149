import { createHash } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
import { sortedBySite, type GlobalModel, type SiteUpdate } from "./update.ts";

export interface Contribution {
  readonly siteId: string;
  readonly exampleCount: number;
  readonly updateDigest: string;
  /** ‖w − w_base‖₂ over the trainable weights. */
  readonly deltaNorm: number;
  /** Cosine between the site's delta and the example-weighted mean delta; null where either is 0. */
  readonly cosineToMean: number | null;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes of an array as little-endian float32, whatever the machine. */
function littleEndianBytes(values: Float32Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat32(index * 4, values[index]!, true);
  return bytes;
}

/** sha256, hexadecimal, over the lengths and the little-endian float32 bytes of weights and statistics. */
export function weightsDigest(model: GlobalModel): string {
  return createHash("sha256")
    .update(`${model.weights.length},${model.statistics.length};`)
    .update(littleEndianBytes(model.weights))
    .update(littleEndianBytes(model.statistics))
    .digest("hex");
}

/** sha256, hexadecimal, over everything that an update says. */
export function updateDigest(update: SiteUpdate): string {
  const { siteId, roundNumber, baseDigest, exampleCount } = update;
  return createHash("sha256")
    .update(JSON.stringify([siteId, roundNumber, baseDigest, exampleCount, weightsDigest(update)]))
    .digest("hex");
}

/**
 * Euclidean norm of what a site changed.
 *
 * ‖w − w_base‖₂, float64
 *
 * @param weights - shape [P]
 * @param base - shape [P]
 * @returns ≥ 0
 */
export function deltaNorm(weights: Float32Array, base: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) {
    const difference = weights[index]! - base[index]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/**
 * Lineage of one aggregation: who contributed, how far each site moved, and in whose direction.
 *
 * cos(Δₛ, Δ̄),  Δₛ = wₛ − w_base,  Δ̄ = Σ nₛΔₛ / Σ nₛ
 *
 * @param base - weights of the checkpoint that the round started from, shape [P]
 * @param updates - accepted updates, each with weights of shape [P]
 * @returns one row a site, by site id
 * @throws {DomainError} "aggregation-empty" if there is no update; "update-no-examples" if all counts are 0
 * @complexity O(S·P) time, O(P) memory
 */
export function describeContributions(base: Float32Array, updates: readonly SiteUpdate[]): Contribution[] {
  const sorted = sortedBySite(updates);
  if (sorted.length === 0)
    throw new DomainError("aggregation-empty", "Lineage needs at least one update, got none.");
  const total = sorted.reduce((sum, update) => sum + update.exampleCount, 0);
  if (!(total > 0)) {
    throw new DomainError(
      "update-no-examples",
      `The ${sorted.length} updates of the round count no example.`,
    );
  }
  const meanDelta = new Float64Array(base.length);
  for (const { exampleCount, weights } of sorted) {
    for (let index = 0; index < base.length; index++) {
      meanDelta[index]! += (exampleCount / total) * (weights[index]! - base[index]!);
    }
  }
  const meanNorm = Math.sqrt(meanDelta.reduce((sum, value) => sum + value * value, 0));
  return sorted.map((update) => {
    const norm = deltaNorm(update.weights, base);
    let product = 0;
    for (let index = 0; index < base.length; index++) {
      product += (update.weights[index]! - base[index]!) * meanDelta[index]!;
    }
    return {
      siteId: update.siteId,
      exampleCount: update.exampleCount,
      updateDigest: updateDigest(update),
      deltaNorm: norm,
      cosineToMean:
        norm === 0 || meanNorm === 0 ? null : Math.max(-1, Math.min(1, product / (norm * meanNorm))),
    };
  });
}
