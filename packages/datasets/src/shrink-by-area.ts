import type { GrayImage } from "@crossread/dicom/gray-image";

/**
 * Resamples to a smaller grid by the mean over each target pixel's area; the aspect ratio is not kept.
 *
 * @param image - any size
 * @returns [heightPx, widthPx] values in the range of the input
 * @complexity O(source pixels), separable
 */
export function shrinkByArea(image: GrayImage, widthPx: number, heightPx: number): GrayImage {
  const source = image.values;
  const across = new Float32Array(widthPx * image.heightPx);
  const columns = areaWeights(image.widthPx, widthPx);
  for (let y = 0; y < image.heightPx; y++) {
    const row = y * image.widthPx;
    const target = y * widthPx;
    for (let x = 0; x < widthPx; x++) {
      const first = row + columns.firsts[x]!;
      const weight = x * columns.stride;
      const count = columns.counts[x]!;
      let sum = 0;
      for (let at = 0; at < count; at++) sum += columns.weights[weight + at]! * source[first + at]!;
      across[target + x] = sum;
    }
  }
  const values = new Float32Array(widthPx * heightPx);
  const rows = areaWeights(image.heightPx, heightPx);
  for (let y = 0; y < heightPx; y++) {
    const target = y * widthPx;
    for (let at = 0; at < rows.counts[y]!; at++) {
      const weight = rows.weights[y * rows.stride + at]!;
      const from = (rows.firsts[y]! + at) * widthPx;
      for (let x = 0; x < widthPx; x++) values[target + x]! += weight * across[from + x]!;
    }
  }
  return { widthPx, heightPx, values };
}

/** Weights of every target pixel of an axis, in flat arrays: the loops over pixels read no objects. */
interface AreaWeights {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  /** Target t has its weights, which sum to 1, from t · stride on. */
  readonly weights: Float32Array;
  readonly stride: number;
}

function areaWeights(sourcePx: number, targetPx: number): AreaWeights {
  const scale = sourcePx / targetPx;
  const stride = Math.ceil(scale) + 1;
  const firsts = new Int32Array(targetPx);
  const counts = new Int32Array(targetPx);
  const weights = new Float32Array(targetPx * stride);
  for (let target = 0; target < targetPx; target++) {
    const start = target * scale;
    const end = (target + 1) * scale;
    const first = Math.min(sourcePx - 1, Math.floor(start));
    const last = Math.min(sourcePx - 1, Math.max(first, Math.ceil(end - 1e-9) - 1));
    const shares = Float32Array.from(
      { length: last - first + 1 },
      (_, at) => Math.min(end, first + at + 1) - Math.max(start, first + at),
    );
    const total = shares.reduce((sum, share) => sum + share, 0);
    firsts[target] = first;
    counts[target] = shares.length;
    weights.set(
      shares.map((share) => share / total),
      target * stride,
    );
  }
  return { firsts, counts, weights, stride };
}
