import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";

/** Sums over pixels; two sites' sums add up to the sums of their union. */
export const pixelSumsSchema = z.strictObject({
  count: z.int().min(0),
  sum: z.number(),
  sumOfSquares: z.number().min(0),
});
export type PixelSums = z.infer<typeof pixelSumsSchema>;

export const normalisationSchema = z.strictObject({
  mean: z.number(),
  standardDeviation: z.number().positive(),
});
export type Normalisation = z.infer<typeof normalisationSchema>;

/** Sums over all pixels of the input frame, padding included, values in [0, 1]. */
export function sumPixels(images: Iterable<Float32Array>): PixelSums {
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
  for (const pixels of images) {
    count += pixels.length;
    for (const value of pixels) {
      sum += value;
      sumOfSquares += value * value;
    }
  }
  return { count, sum, sumOfSquares };
}

export const mergePixelSums = (parts: readonly PixelSums[]): PixelSums =>
  parts.reduce(
    (total, part) => ({
      count: total.count + part.count,
      sum: total.sum + part.sum,
      sumOfSquares: total.sumOfSquares + part.sumOfSquares,
    }),
    { count: 0, sum: 0, sumOfSquares: 0 },
  );

/**
 * Mean and standard deviation of the training set (eq. 2).
 *
 * μ = Σx / n,  σ = √(Σx²/n − μ²)
 *
 * @returns mean and standardDeviation in units of the pixel values
 * @throws {DomainError} "cohort-invalid" if there is no pixel or all are equal
 * @source paper, section 2.1.1
 */
export function normalisationOf(sums: PixelSums): Normalisation {
  if (sums.count === 0) {
    throw new DomainError(
      "cohort-invalid",
      "Mean and standard deviation need at least one training image, got 0.",
    );
  }
  const mean = sums.sum / sums.count;
  const variance = sums.sumOfSquares / sums.count - mean * mean;
  if (!(variance > 1e-12)) {
    throw new DomainError(
      "cohort-invalid",
      `Training images must not all be one constant; their mean is ${mean} with variance ${variance}.`,
    );
  }
  return { mean, standardDeviation: Math.sqrt(variance) };
}

/** Writes (I − μ) / σ (eq. 2) into `target`, which may be a slot of a batch. */
export function normaliseInto(
  target: Float32Array,
  pixels: Float32Array,
  normalisation: Normalisation,
): void {
  const scale = 1 / normalisation.standardDeviation;
  const shift = -normalisation.mean * scale;
  for (let index = 0; index < pixels.length; index++) target[index] = pixels[index]! * scale + shift;
}
