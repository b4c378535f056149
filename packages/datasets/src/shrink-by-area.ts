import type { GrayImage } from "@crossread/dicom/gray-image";

/**
 * Resamples to a smaller grid by the mean over each target pixel's area; the aspect ratio is not kept.
 *
 * @param image - any size
 * @returns [heightPx, widthPx] values in the range of the input
 * @complexity O(source pixels), separable
 */
export function shrinkByArea(image: GrayImage, widthPx: number, heightPx: number): GrayImage {
  const across = new Float32Array(widthPx * image.heightPx);
  const columns = areaWeights(image.widthPx, widthPx);
  for (let y = 0; y < image.heightPx; y++) {
    const row = y * image.widthPx;
    for (let x = 0; x < widthPx; x++) {
      const { first, weights } = columns[x]!;
      let sum = 0;
      for (let at = 0; at < weights.length; at++) sum += weights[at]! * image.values[row + first + at]!;
      across[y * widthPx + x] = sum;
    }
  }
  const values = new Float32Array(widthPx * heightPx);
  const rows = areaWeights(image.heightPx, heightPx);
  for (let y = 0; y < heightPx; y++) {
    const { first, weights } = rows[y]!;
    for (let at = 0; at < weights.length; at++) {
      const source = (first + at) * widthPx;
      for (let x = 0; x < widthPx; x++) values[y * widthPx + x]! += weights[at]! * across[source + x]!;
    }
  }
  return { widthPx, heightPx, values };
}

interface AreaWeights {
  readonly first: number;
  readonly weights: Float32Array;
}

function areaWeights(sourcePx: number, targetPx: number): AreaWeights[] {
  const scale = sourcePx / targetPx;
  return Array.from({ length: targetPx }, (_, target) => {
    const start = target * scale;
    const end = (target + 1) * scale;
    const first = Math.min(sourcePx - 1, Math.floor(start));
    const last = Math.min(sourcePx - 1, Math.max(first, Math.ceil(end - 1e-9) - 1));
    const weights = Float32Array.from(
      { length: last - first + 1 },
      (_weight, at) => Math.min(end, first + at + 1) - Math.max(start, first + at),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
