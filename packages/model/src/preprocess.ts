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
  const { heightPx, values, widthPx } = image;

  const narrowed = new Float32Array(heightPx * inputSizePx);
  for (let x = 0; x < inputSizePx; x++) {
    const { first, weights } = columns[x]!;
    for (let y = 0; y < heightPx; y++) {
      const start = y * widthPx + first;
      let sum = 0;
      for (let index = 0; index < weights.length; index++) sum += weights[index]! * values[start + index]!;
      narrowed[y * inputSizePx + x] = sum;
    }
  }
  const pixels = new Float32Array(inputSizePx * inputSizePx);
  for (let y = 0; y < inputSizePx; y++) {
    const { first, weights } = rows[y]!;
    const row = new Float64Array(inputSizePx);
    for (let index = 0; index < weights.length; index++) {
      const weight = weights[index]!;
      const start = (first + index) * inputSizePx;
      for (let x = 0; x < inputSizePx; x++) row[x]! += weight * narrowed[start + x]!;
    }
    pixels.set(row, y * inputSizePx);
  }
  // float32 weights that sum to 1 can overshoot by a rounding error
  for (let index = 0; index < pixels.length; index++)
    pixels[index] = Math.min(1, Math.max(0, pixels[index]!));
  return { pixels, chain };
}

interface Taps {
  readonly first: number;
  /** Sum to 1; empty outside the image. */
  readonly weights: Float64Array;
}

const axisOf = (chain: TransformChain) => ({ scale: chain.scale, count: chain.inputSizePx });

function triangleTaps(axis: {
  readonly scale: number;
  readonly count: number;
  readonly length: number;
  readonly offset: number;
}): Taps[] {
  const { count, length, offset, scale } = axis;
  const reach = Math.max(1, 1 / scale);
  return Array.from({ length: count }, (_, target) => {
    const centre = (target + 0.5 - offset) / scale;
    if (centre < 0 || centre >= length) return { first: 0, weights: new Float64Array(0) };
    const first = Math.max(0, Math.ceil(centre - reach - 0.5));
    const last = Math.min(length - 1, Math.floor(centre + reach - 0.5));
    const weights = new Float64Array(last - first + 1);
    for (let index = 0; index < weights.length; index++) {
      weights[index] = Math.max(0, 1 - Math.abs(first + index + 0.5 - centre) / reach);
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
