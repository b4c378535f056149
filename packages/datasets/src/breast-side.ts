import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { shrinkByArea } from "./shrink-by-area.ts";

const gridPx = 128;

/**
 * Side on which the chest wall lies, as laterality of a conventionally hung image (chest wall left: L, right: R).
 *
 * Tissue above Otsu's threshold, largest 4-connected part; its column heights fall from the chest wall to the nipple.
 *
 * @param image - values in [0, 1], bright = dense
 * @returns undefined if nothing stands out or the columns have no slope
 * @source threshold: Otsu, IEEE Trans. SMC 9:62 (1979), on the logarithm-like root of the values
 */
export function measureBreastSide(image: GrayImage): Laterality | undefined {
  const small = shrinkByArea(image, gridPx, gridPx);
  const roots = small.values.map((value) => Math.sqrt(value));
  const part = largestPart(roots, 0.6 * otsuThreshold(roots));
  const heights = new Float64Array(gridPx);
  for (const index of part) heights[index % gridPx]! += 1;
  let first = gridPx;
  let last = -1;
  for (let x = 0; x < gridPx; x++) {
    if (heights[x]! === 0) continue;
    first = Math.min(first, x);
    last = x;
  }
  if (last - first < 4) return undefined;
  const middle = (first + last) / 2;
  let slope = 0;
  for (let x = first; x <= last; x++) slope += (x - middle) * heights[x]!;
  if (slope === 0) return undefined;
  return slope < 0 ? "L" : "R";
}

function otsuThreshold(values: Float32Array): number {
  const binCount = 256;
  const counts = new Float64Array(binCount);
  for (const value of values) counts[Math.min(binCount - 1, Math.floor(value * binCount))]! += 1;
  const total = values.length;
  const sum = counts.reduce((running, count, bin) => running + bin * count, 0);
  let below = 0;
  let sumBelow = 0;
  let best = 0;
  let bestBin = 0;
  for (let bin = 0; bin < binCount - 1; bin++) {
    below += counts[bin]!;
    sumBelow += bin * counts[bin]!;
    if (below === 0 || below === total) continue;
    const gap = sumBelow / below - (sum - sumBelow) / (total - below);
    const between = below * (total - below) * gap * gap;
    if (between > best) {
      best = between;
      bestBin = bin;
    }
  }
  return (bestBin + 1) / binCount;
}

/** Pixel indices of the largest 4-connected set above the threshold on the square grid. */
function largestPart(values: Float32Array, threshold: number): readonly number[] {
  const isSeen = new Uint8Array(values.length);
  let largest: number[] = [];
  for (let seed = 0; seed < values.length; seed++) {
    if (isSeen[seed] === 1 || values[seed]! <= threshold) continue;
    const part = [seed];
    isSeen[seed] = 1;
    for (let at = 0; at < part.length; at++) {
      const index = part[at]!;
      const x = index % gridPx;
      const neighbours = [
        x > 0 ? index - 1 : -1,
        x < gridPx - 1 ? index + 1 : -1,
        index - gridPx,
        index + gridPx,
      ];
      for (const neighbour of neighbours) {
        if (neighbour < 0 || neighbour >= values.length || isSeen[neighbour] === 1) continue;
        if (values[neighbour]! <= threshold) continue;
        isSeen[neighbour] = 1;
        part.push(neighbour);
      }
    }
    if (part.length > largest.length) largest = part;
  }
  return largest;
}
