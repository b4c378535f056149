import type { GrayImage } from "@crossread/dicom/gray-image";

/**
 * Resamples to a smaller grid by the mean over each target pixel's area; the aspect ratio is not kept.
 *
 * @param image - any size
 * @returns [heightPx, widthPx] values in the range of the input
 * @complexity O(source pixels), separable
 */
export function shrinkByArea(image: GrayImage, widthPx: number, heightPx: number): GrayImage {
  const columns = areaWeights(image.widthPx, widthPx);
  const rows = areaWeights(image.heightPx, heightPx);
  const values = new Float32Array(widthPx * heightPx);
  const lowered = new Float64Array(image.widthPx);
  for (let y = 0; y < heightPx; y++) {
    // Rows first: their pixels lie side by side, and fewer of them are left for the columns.
    lowerRows(image, lowered, {
      first: rows.firsts[y]!,
      weights: rows.weights.subarray(y * rows.stride, y * rows.stride + rows.counts[y]!),
    });
    for (let x = 0; x < widthPx; x++) {
      const first = columns.firsts[x]!;
      const weight = x * columns.stride;
      const count = columns.counts[x]!;
      let sum = 0;
      for (let at = 0; at < count; at++) sum += columns.weights[weight + at]! * lowered[first + at]!;
      values[y * widthPx + x] = sum;
    }
  }
  return { widthPx, heightPx, values };
}

/** Arrays in one place for the loops over pixels, as in the presentation of DICOM's rows; longer rows go in pieces. */
const keptPx = 16_384;
const keptNear = new Float32Array(keptPx);
const keptFar = new Float32Array(keptPx);
const keptSums = new Float64Array(keptPx);

/** Weighted sum of rows that follow each other, shape [width]. */
function lowerRows(
  { values, widthPx }: GrayImage,
  sums: Float64Array,
  { first, weights }: { readonly first: number; readonly weights: Float32Array },
): void {
  for (let start = 0; start < widthPx; start += keptPx) {
    const count = Math.min(keptPx, widthPx - start);
    keptSums.fill(0, 0, count);
    let at = 0;
    let from = first * widthPx + start;
    // Two rows a pass: reading and writing the sums costs more than what is added.
    for (; at + 1 < weights.length; at += 2, from += 2 * widthPx) {
      keptNear.set(values.subarray(from, from + count));
      keptFar.set(values.subarray(from + widthPx, from + widthPx + count));
      addRows(count, weights[at]!, weights[at + 1]!);
    }
    if (at < weights.length) {
      keptNear.set(values.subarray(from, from + count));
      addRow(count, weights[at]!);
    }
    sums.set(keptSums.subarray(0, count), start);
  }
}

function addRows(count: number, near: number, far: number): void {
  for (let x = 0; x < count; x++) keptSums[x]! += near * keptNear[x]! + far * keptFar[x]!;
}

function addRow(count: number, weight: number): void {
  for (let x = 0; x < count; x++) keptSums[x]! += weight * keptNear[x]!;
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
