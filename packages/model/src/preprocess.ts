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
  const { heightPx, values, widthPx } = image;
  const { addRow, finish } = startRows(image, inputSizePx, keptRows(heightPx * inputSizePx));
  for (let y = 0; y < heightPx; y++) addRow(values, y * widthPx, y);
  return finish();
}

/** `preprocess` for an image whose rows arrive one after the other: the same values, without the whole image. */
export interface RowPreprocessor {
  /** Rows come in any order, each of the image's width. */
  readonly addRow: (row: Float32Array, y: number) => void;
  /** Asked once, after the last row. */
  readonly finish: () => PreprocessedImage;
}

export function createRowPreprocessor(frame: ImageFrame, inputSizePx: number): RowPreprocessor {
  const { addRow, finish } = startRows(frame, inputSizePx, new Float32Array(frame.heightPx * inputSizePx));
  return { addRow: (row, y) => addRow(row, 0, y), finish };
}

interface ImageFrame {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @param narrowed - takes [H, S] values, every one of which is written before it is read */
function startRows(frame: ImageFrame, inputSizePx: number, narrowed: Float32Array) {
  const chain = fitTransform(frame.widthPx, frame.heightPx, inputSizePx);
  const across = { ...axisOf(chain), length: frame.widthPx, offset: chain.offsetXPx };
  const down = { ...axisOf(chain), length: frame.heightPx, offset: chain.offsetYPx };
  const isReducing = chain.scale < 1 && frame.widthPx <= keptPx;
  const narrow = isReducing ? narrowBySpans(across) : narrowByTaps(across);
  return {
    addRow: (values: Float32Array, start: number, y: number) =>
      narrow({ values, start, narrowed, target: y * inputSizePx }),
    finish: (): PreprocessedImage => ({
      pixels: clampRounding(resizeColumns(narrowed, triangleTaps(down))),
      chain,
    }),
  };
}

/** float32 weights that sum to 1 can overshoot by a rounding error. */
function clampRounding(pixels: Float32Array): Float32Array {
  const { length } = pixels;
  for (let index = 0; index < length; index++) {
    const value = pixels[index]!;
    if (value > 1) pixels[index] = 1;
    else if (value < 0) pixels[index] = 0;
  }
  return pixels;
}

let rowsOfLastImage = new Float32Array(0);

/** Kept from image to image: it lives within one call of `preprocess`. */
function keptRows(length: number): Float32Array {
  if (rowsOfLastImage.length < length) rowsOfLastImage = new Float32Array(length);
  return rowsOfLastImage.subarray(0, length);
}

interface Axis {
  readonly scale: number;
  /** Target pixels. */
  readonly count: number;
  /** Source pixels. */
  readonly length: number;
  readonly offset: number;
}

/** One row of the image, from `start` on, becomes one of [H, S], from `target` on. */
type NarrowRow = (row: Row) => void;

interface Row {
  readonly values: Float32Array;
  readonly start: number;
  readonly narrowed: Float32Array;
  readonly target: number;
}

function narrowByTaps(axis: Axis): NarrowRow {
  const { counts, firsts, stride, weights } = triangleTaps(axis);
  return ({ narrowed, start, target, values }) => {
    for (let x = 0; x < axis.count; x++) {
      const from = start + firsts[x]!;
      let sum = 0;
      for (let index = 0; index < counts[x]!; index++)
        sum += weights[x * stride + index]! * values[from + index]!;
      narrowed[target + x] = sum;
    }
  };
}

/**
 * When reducing, a triangle ends where its neighbours have their tops. Between two tops a pixel belongs to one rising and
 * one falling flank, both linear in its place, so Σ v and Σ x·v of that span give both: each pixel is read once.
 */
function narrowBySpans(axis: Axis): NarrowRow {
  const { count, length, offset, scale } = axis;
  const centreOf = (target: number) => (target + 0.5 - offset) / scale;
  const isInside = (target: number) => centreOf(target) >= 0 && centreOf(target) < length;
  const inside = Array.from({ length: count }, (_, target) => target).filter(isInside);
  const first = inside[0] ?? 0;
  const spanCount = inside.length + 1;
  // Span s lies before the top of target first + s; the last one behind the last top.
  const starts = new Int32Array(spanCount + 1);
  const firstAfter = (place: number) => Math.min(length, Math.max(0, Math.floor(place - 0.5) + 1));
  starts[0] = firstAfter(centreOf(first - 1));
  for (let span = 1; span <= spanCount; span++) starts[span] = firstAfter(centreOf(first + span - 1));
  const rising = new Float64Array(spanCount);
  const falling = new Float64Array(spanCount);
  const norms = new Float64Array(spanCount);
  for (let span = 0; span < spanCount; span++) {
    // Weight of the pixel at starts[span] + k: rising + k·scale, and falling − k·scale.
    rising[span] = 1 - (centreOf(first + span) - 0.5 - starts[span]!) * scale;
    falling[span] = 1 - (starts[span]! + 0.5 - centreOf(first + span - 1)) * scale;
  }
  for (let at = 0; at < inside.length; at++) {
    let total = 0;
    for (let k = 0; k < starts[at + 1]! - starts[at]!; k++) total += rising[at]! + k * scale;
    for (let k = 0; k < starts[at + 2]! - starts[at + 1]!; k++) total += falling[at + 1]! - k * scale;
    norms[at] = 1 / total;
  }
  const spans: Spans = { starts, rising, falling, norms, scale };
  return (row) => {
    row.narrowed.fill(0, row.target, row.target + count);
    narrowRow({ ...row, target: row.target + first }, spans);
  };
}

interface Spans {
  readonly starts: Int32Array;
  readonly rising: Float64Array;
  readonly falling: Float64Array;
  readonly norms: Float64Array;
  readonly scale: number;
}

/** As long as a row of DICOM may be; arrays in one place for the loop, as in the presentation of DICOM's rows. */
const keptPx = 65_536;
const keptRow = new Float32Array(keptPx);

const keptStarts = new Int32Array(keptPx + 2);
const keptSums = new Float64Array(keptPx);
const keptMoments = new Float64Array(keptPx);

function narrowRow({ narrowed, start, target, values }: Row, spans: Spans): void {
  const { falling, norms, rising, scale, starts } = spans;
  const spanCount = rising.length;
  keptRow.set(values.subarray(start, start + starts[spanCount]!));
  keptStarts.set(starts);
  sumSpans(spanCount);
  let carried = 0;
  for (let span = 0; span < spanCount; span++) {
    const sum = keptSums[span]!;
    const moment = keptMoments[span]!;
    if (span > 0) {
      narrowed[target + span - 1] = (carried + falling[span]! * sum - scale * moment) * norms[span - 1]!;
    }
    carried = rising[span]! * sum + scale * moment;
  }
}

/** Σ v and Σ k·v of every span, k from 0 at its start. */
function sumSpans(spanCount: number): void {
  for (let span = 0; span < spanCount; span++) {
    const end = keptStarts[span + 1]!;
    let x = keptStarts[span]!;
    let even = 0;
    let odd = 0;
    let moment = 0;
    let k = 0;
    for (; x + 1 < end; x += 2, k += 2) {
      const value = keptRow[x]!;
      const next = keptRow[x + 1]!;
      even += value;
      odd += next;
      moment += k * value + (k + 1) * next;
    }
    if (x < end) {
      even += keptRow[x]!;
      moment += k * keptRow[x]!;
    }
    keptSums[span] = even + odd;
    keptMoments[span] = moment;
  }
}

/** [H, S] → [S, S] */
function resizeColumns(narrowed: Float32Array, rows: Taps): Float32Array {
  const { counts, firsts, stride, weights } = rows;
  const side = counts.length;
  const pixels = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const first = firsts[y]!;
    const count = counts[y]!;
    keptSums.fill(0, 0, side);
    for (let index = 0; index < count; index++) {
      const from = (first + index) * side;
      keptRow.set(narrowed.subarray(from, from + side));
      addWeighted(weights[y * stride + index]!, side);
    }
    pixels.set(keptSums.subarray(0, side), y * side);
  }
  return pixels;
}

function addWeighted(weight: number, count: number): void {
  for (let x = 0; x < count; x++) keptSums[x]! += weight * keptRow[x]!;
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

function triangleTaps(axis: Axis): Taps {
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
