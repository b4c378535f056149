/**
 * Fingerprint of what an image shows: whole frame and content box, each → 32 × 32 ranks → low DCT frequencies.
 * The frame survives any change of tone; the content box survives padding, cropping of air and change of size.
 * A flip changes signs of odd frequencies and a transposition swaps the axes, so one fingerprint serves all eight orientations.
 */
import type { GrayImage } from "@crossread/dicom/gray-image";
import { shrinkByArea } from "./shrink-by-area.ts";

const gridPx = 32;
const frequencyCount = 12;

/** Unit vectors of frequencyCount² DCT coefficients, row v · frequencyCount + u, DC left at 0. */
export interface PerceptualHash {
  readonly frame: Float32Array;
  readonly content: Float32Array;
}

/**
 * Fingerprint that contrast, brightness, size and padding leave nearly unchanged.
 *
 * @param image - values in [0, 1]; a constant image gives the zero vector, which resembles nothing
 * @returns two float32 vectors [144] of unit length
 * @complexity O(pixels)
 */
export function perceptualHash(image: GrayImage): PerceptualHash {
  const scale = Math.min(1, 256 / Math.max(image.widthPx, image.heightPx));
  const small = shrinkByArea(
    image,
    Math.max(1, Math.round(image.widthPx * scale)),
    Math.max(1, Math.round(image.heightPx * scale)),
  );
  return { frame: lowFrequencies(small), content: lowFrequencies(cropToContent(small)) };
}

function lowFrequencies(image: GrayImage): Float32Array {
  const ranks = rankTransform(shrinkByArea(image, gridPx, gridPx).values);
  const half = new Float64Array(gridPx * frequencyCount);
  for (let y = 0; y < gridPx; y++) {
    for (let u = 0; u < frequencyCount; u++) {
      let sum = 0;
      for (let x = 0; x < gridPx; x++) sum += ranks[y * gridPx + x]! * cosineTable[u * gridPx + x]!;
      half[y * frequencyCount + u] = sum;
    }
  }
  const hash = new Float32Array(frequencyCount * frequencyCount);
  for (let v = 0; v < frequencyCount; v++) {
    for (let u = 0; u < frequencyCount; u++) {
      if (u === 0 && v === 0) continue;
      let sum = 0;
      for (let y = 0; y < gridPx; y++) sum += half[y * frequencyCount + u]! * cosineTable[v * gridPx + y]!;
      // High frequencies tell films apart, yet carry little energy: roots even them out.
      hash[v * frequencyCount + u] = Math.sign(sum) * Math.sqrt(Math.abs(sum));
    }
  }
  return toUnitLength(hash);
}

export interface Resemblance {
  /** Cosines in [−1, 1] of the best of the eight orientations. */
  readonly frame: number;
  readonly content: number;
}

export function resemblance(a: PerceptualHash, b: PerceptualHash): Resemblance {
  return { frame: bestOrientation(a.frame, b.frame), content: bestOrientation(a.content, b.content) };
}

/**
 * Highest values between the 51 681 pairs of different films of mini-MIAS: frame 0.959, content 0.877.
 * Flipped, quarter-turned, tone-shifted (gain, offset, gamma 0.7 to 1.4) and noisy copies lie above one of the two limits.
 */
const nearCopyLimits: Resemblance = { frame: 0.975, content: 0.9 };

export function isNearCopy(found: Resemblance): boolean {
  return found.frame >= nearCopyLimits.frame || found.content >= nearCopyLimits.content;
}

/** Largest cosine between one vector and the eight orientations of the other. */
function bestOrientation(a: Float32Array, b: Float32Array): number {
  let best = -1;
  for (const isTransposed of [false, true]) {
    const sums = [0, 0, 0, 0];
    for (let v = 0; v < frequencyCount; v++) {
      for (let u = 0; u < frequencyCount; u++) {
        const other = isTransposed ? b[u * frequencyCount + v]! : b[v * frequencyCount + u]!;
        sums[(v & 1) * 2 + (u & 1)]! += a[v * frequencyCount + u]! * other;
      }
    }
    const [even = 0, oddU = 0, oddV = 0, oddBoth = 0] = sums;
    best = Math.max(
      best,
      even + oddU + oddV + oddBoth,
      even - oddU + oddV - oddBoth,
      even + oddU - oddV - oddBoth,
      even - oddU - oddV + oddBoth,
    );
  }
  return Math.min(1, best);
}

const cosineTable = Float64Array.from({ length: frequencyCount * gridPx }, (_, index) => {
  const frequency = Math.floor(index / gridPx);
  const position = index % gridPx;
  return Math.cos((Math.PI * (position + 0.5) * frequency) / gridPx);
});

/** Smallest box of rows and columns that hold more than a trace of light; padding and air fall away. */
function cropToContent(small: GrayImage): GrayImage {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const value of small.values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const threshold = lowest + 0.12 * (highest - lowest);
  const columns = new Float64Array(small.widthPx);
  const rows = new Float64Array(small.heightPx);
  for (let y = 0; y < small.heightPx; y++) {
    for (let x = 0; x < small.widthPx; x++) {
      if (small.values[y * small.widthPx + x]! <= threshold) continue;
      columns[x]! += 1 / small.heightPx;
      rows[y]! += 1 / small.widthPx;
    }
  }
  const [left, right] = extent(columns);
  const [top, bottom] = extent(rows);
  const widthPx = right - left + 1;
  const heightPx = bottom - top + 1;
  const values = new Float32Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const start = (top + y) * small.widthPx + left;
    values.set(small.values.subarray(start, start + widthPx), y * widthPx);
  }
  return { widthPx, heightPx, values };
}

function extent(occupancy: Float64Array): readonly [number, number] {
  const isOccupied = (share: number) => share > 0.03;
  const first = occupancy.findIndex(isOccupied);
  return first < 0 ? [0, occupancy.length - 1] : [first, occupancy.findLastIndex(isOccupied)];
}

/** Values to mid-ranks in [−½, ½]: any monotone change of contrast gives the same ranks. */
function rankTransform(values: Float32Array): Float32Array {
  const order = Uint32Array.from(values, (_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float32Array(values.length);
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    const rank = (start + end) / 2 / order.length - 0.5;
    for (let at = start; at < end; at++) ranks[order[at]!] = rank;
    start = end;
  }
  return ranks;
}

function toUnitLength(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return vector;
  const scale = 1 / Math.sqrt(squares);
  return vector.map((value) => value * scale);
}
