import type { TransformChain } from "@crossread/contracts/saliency-map";
import type { GrayImage } from "@crossread/dicom/gray-image";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Scale and offsets that fit the image into the square input frame, aspect ratio kept, centred.
 *
 * Coordinates are continuous: pixel (i, j) covers [i, i+1) × [j, j+1), and its centre is at (i + ½, j + ½).
 */
export function fitTransform(widthPx: number, heightPx: number, inputSizePx: number): TransformChain {
  const scale = inputSizePx / Math.max(widthPx, heightPx);
  return {
    imageWidthPx: widthPx,
    imageHeightPx: heightPx,
    inputSizePx,
    scale,
    offsetXPx: (inputSizePx - widthPx * scale) / 2,
    offsetYPx: (inputSizePx - heightPx * scale) / 2,
  };
}

export const toInputFrame = (chain: TransformChain, point: Point): Point => ({
  x: chain.scale * point.x + chain.offsetXPx,
  y: chain.scale * point.y + chain.offsetYPx,
});

export const toImageFrame = (chain: TransformChain, point: Point): Point => ({
  x: (point.x - chain.offsetXPx) / chain.scale,
  y: (point.y - chain.offsetYPx) / chain.scale,
});

export interface PreprocessedImage {
  /** Shape [S, S], values in [0, 1], before normalisation. */
  readonly pixels: Float32Array;
  readonly chain: TransformChain;
}

/**
 * Resizes to the square input of the network: aspect ratio kept, bilinear, symmetric zero padding.
 *
 * I(x, y) = Σᵢⱼ I(i, j) · Λ(x − i) · Λ(y − j)                                      (eq. 1)
 *
 * @param image - values in [0, 1]; never changed
 * @param inputSizePx - S
 * @remarks Λ is the triangle of half-width 1 source pixel when enlarging, as eq. 1, and of half-width 1/scale when
 *   reducing: plain 2×2 sampling would skip most pixels of a full-field image and alias calcifications away.
 *   Pixels of the input frame whose centre lies outside the image are 0.
 * @complexity O(W·H + S·H) time and memory: rows first, then columns
 * @source paper, section 2.1.1; triangle filter as in Pillow's and torchvision's antialiased bilinear
 * @golden golden/preprocess/cases.json (Pillow)
 */
export function preprocess(image: GrayImage, inputSizePx: number): PreprocessedImage {
  const chain = fitTransform(image.widthPx, image.heightPx, inputSizePx);
  const columns = triangleTaps({ ...axisOf(chain), length: image.widthPx, offset: chain.offsetXPx });
  const rows = triangleTaps({ ...axisOf(chain), length: image.heightPx, offset: chain.offsetYPx });
  const pixels = resizeColumns(resizeRows(image, columns), rows);
  // float32 weights that sum to 1 can overshoot by a rounding error
  for (let index = 0; index < pixels.length; index++) {
    const value = pixels[index]!;
    if (value > 1) pixels[index] = 1;
    else if (value < 0) pixels[index] = 0;
  }
  return { pixels, chain };
}

let rowsOfLastImage = new Float32Array(0);

/** Kept from image to image: it lives within one call of `preprocess`, which writes every value before it reads it. */
function narrowedRows(length: number): Float32Array {
  if (rowsOfLastImage.length < length) rowsOfLastImage = new Float32Array(length);
  return rowsOfLastImage.subarray(0, length);
}

/** [H, W] → [H, S]; two rows at a time, whose sums do not wait for each other. */
function resizeRows(image: GrayImage, columns: Taps): Float32Array {
  const { heightPx, values, widthPx } = image;
  const { counts, firsts, stride, weights } = columns;
  const side = counts.length;
  const narrowed = narrowedRows((heightPx + (heightPx % 2)) * side);
  for (let y = 0; y < heightPx; y += 2) {
    const toNextRow = y + 1 < heightPx ? widthPx : 0;
    for (let x = 0; x < side; x++) {
      const start = y * widthPx + firsts[x]!;
      const count = counts[x]!;
      const tap = x * stride;
      let upper = 0;
      let lower = 0;
      for (let index = 0; index < count; index++) {
        const weight = weights[tap + index]!;
        upper += weight * values[start + index]!;
        lower += weight * values[start + toNextRow + index]!;
      }
      narrowed[y * side + x] = upper;
      narrowed[(y + 1) * side + x] = lower;
    }
  }
  return narrowed;
}

/** [H, S] → [S, S] */
function resizeColumns(narrowed: Float32Array, rows: Taps): Float32Array {
  const { counts, firsts, stride, weights } = rows;
  const side = counts.length;
  const pixels = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const count = counts[y]!;
    const tap = y * stride;
    for (let x = 0; x < side; x++) {
      let from = firsts[y]! * side + x;
      let sum = 0;
      for (let index = 0; index < count; index++) {
        sum += weights[tap + index]! * narrowed[from]!;
        from += side;
      }
      pixels[y * side + x] = sum;
    }
  }
  return pixels;
}

/** Weights of every target pixel of an axis, in flat arrays: the loops over all pixels of an image read no objects. */
interface Taps {
  /** First source pixel of each target pixel. */
  readonly firsts: Int32Array;
  /** Source pixels of each target pixel; 0 outside the image. */
  readonly counts: Int32Array;
  /** Target pixel t has its weights, which sum to 1, from t · stride on. */
  readonly weights: Float64Array;
  readonly stride: number;
}

const axisOf = (chain: TransformChain) => ({ scale: chain.scale, count: chain.inputSizePx });

function triangleTaps(axis: {
  readonly scale: number;
  readonly count: number;
  readonly length: number;
  readonly offset: number;
}): Taps {
  const { count, length, offset, scale } = axis;
  const reach = Math.max(1, 1 / scale);
  const stride = 2 * Math.ceil(reach) + 1;
  const taps: Taps = {
    firsts: new Int32Array(count),
    counts: new Int32Array(count),
    weights: new Float64Array(count * stride),
    stride,
  };
  for (let target = 0; target < count; target++) {
    const centre = (target + 0.5 - offset) / scale;
    if (centre < 0 || centre >= length) continue;
    const first = Math.max(0, Math.ceil(centre - reach - 0.5));
    const last = Math.min(length - 1, Math.floor(centre + reach - 0.5));
    let total = 0;
    for (let source = first; source <= last; source++) {
      const weight = Math.max(0, 1 - Math.abs(source + 0.5 - centre) / reach);
      taps.weights[target * stride + source - first] = weight;
      total += weight;
    }
    taps.firsts[target] = first;
    taps.counts[target] = last - first + 1;
    for (let index = 0; index <= last - first; index++) taps.weights[target * stride + index]! /= total;
  }
  return taps;
}
