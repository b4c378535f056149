/**
 * Finds what looks like lines of burned-in text: small shapes of one height, close together in a row, that stand out
 * sharply from what is around them. It reads nothing; it says where a person should look.
 */
import type { GrayImage } from "../gray-image.ts";
import { connectedBoxes, type GlyphBox } from "./connected-components.ts";
import type { PixelRegion } from "./deidentified-file.ts";

/**
 * Chosen on 41 MIAS films. On 80 others, text of 12 to 64 px in four fonts, at 60 to 100 % of white, anywhere on the film
 * and over tissue too, was found in 439 of 480 trials (83 % at 12 px, 93 to 95 % from 24 px), with no false alarm.
 */
const rules = {
  /** How much brighter or darker than the mean of its surroundings a stroke must be. */
  contrast: 0.08,
  surroundingsRadiusPx: 20,
  minHeightPx: 6,
  maxHeightPx: 120,
  /** Small letters run into each other. */
  maxWidthOfHeight: 4,
  minGlyphs: 3,
  /** Of the whole line, in heights of its letters. */
  minLengthOfHeight: 2.8,
  /** Mean step across the outline of a glyph: letters are drawn, tissue is not. */
  minSharpness: 0.06,
  /** How steep outlines are less how much the letters differ in brightness, both in shares of how far they stand out. */
  minInk: 0.5,
  /** Few shapes come together by chance. */
  fewGlyphs: 4,
  minInkOfFew: 0.65,
  /** What stands out so far was seldom blurred by tissue: it need not be drawn as well. */
  brightDepth: 0.45,
  minInkOfBright: 0.15,
} as const;

/**
 * Regions in pixels of the image, padded; none where nothing looks like text.
 *
 * @param range - from the darkest to the brightest value: what contrast and sharpness are measured in
 */
export function findBurnedInText(image: GrayImage, range = 1): PixelRegion[] {
  if (!(range > 0)) return [];
  const regions = strokes(image, rules.contrast * range).flatMap((mask, index) => {
    const polarity = index === 0 ? 1 : -1;
    const isSharp = (box: GlyphBox) => sharpness(box, mask, image) >= rules.minSharpness * range;
    const glyphs = connectedBoxes(mask, image.widthPx).filter((box) => isGlyph(box) && isSharp(box));
    return linesOf(glyphs)
      .filter((line) => isInk(line, mask, { image, polarity, range }))
      .map((line) => regionOf(line, image));
  });
  return mergeOverlapping(regions);
}

/** Wider than any image in which text is looked for; arrays in one place for the loops, as in `presentation.ts`. */
const keptPx = 65_536;
const keptRow = new Float32Array(keptPx);
const keptEntering = new Float32Array(keptPx);
const keptLeaving = new Float32Array(keptPx);
const keptShares = new Float64Array(keptPx);
/** Column sums between as many zeros as the surroundings reach: nothing lies beyond the sides. */
const keptSums = new Float64Array(keptPx + 2 * rules.surroundingsRadiusPx + 1);
const keptSteps = new Int8Array(keptPx);

/**
 * Pixels brighter than their surroundings, and pixels darker: 1 in the first and in the second mask. The mean of the
 * surroundings comes from column sums that move down with the row.
 */
function strokes(
  { heightPx, values, widthPx }: GrayImage,
  contrast: number,
): [bright: Uint8Array, dark: Uint8Array] {
  const radius = rules.surroundingsRadiusPx;
  const bright = new Uint8Array(values.length);
  const dark = new Uint8Array(values.length);
  for (let column = 0; column < widthPx; column++) {
    keptShares[column] = 1 / (Math.min(widthPx - 1, column + radius) - Math.max(0, column - radius) + 1);
  }
  keptSums.fill(0, 0, widthPx + 2 * radius + 1);
  let rowCount = 0;
  for (let row = -radius; row < heightPx; row++) {
    rowCount += placeRow(keptEntering, { heightPx, values, widthPx }, row + radius);
    rowCount -= placeRow(keptLeaving, { heightPx, values, widthPx }, row - radius - 1);
    if (row < 0) {
      moveDown(widthPx);
      continue;
    }
    const start = row * widthPx;
    keptRow.set(values.subarray(start, start + widthPx));
    const found = stepsOfRow(widthPx, 1 / rowCount, contrast);
    for (let column = 0; column < widthPx && found > 0; column++) {
      const step = keptSteps[column]!;
      if (step > 0) bright[start + column] = 1;
      else if (step < 0) dark[start + column] = 1;
    }
  }
  return [bright, dark];
}

/** 1 for a row of the image, 0 for one beyond it, which is all zeros. */
function placeRow(target: Float32Array, { heightPx, values, widthPx }: GrayImage, row: number): number {
  if (row >= 0 && row < heightPx) {
    target.set(values.subarray(row * widthPx, (row + 1) * widthPx));
    return 1;
  }
  target.fill(0, 0, widthPx);
  return 0;
}

function moveDown(widthPx: number): void {
  const first = rules.surroundingsRadiusPx + 1;
  for (let column = 0; column < widthPx; column++) {
    keptSums[first + column] = keptSums[first + column]! + keptEntering[column]! - keptLeaving[column]!;
  }
}

/** Moves the column sums down; writes 1, −1 or 0 for every pixel of the row and returns how many are not 0. */
function stepsOfRow(widthPx: number, rowShare: number, contrast: number): number {
  const radius = rules.surroundingsRadiusPx;
  const diameter = 2 * radius + 1;
  moveDown(Math.min(radius, widthPx));
  let sum = 0;
  for (let index = 0; index < diameter; index++) sum += keptSums[index]!;
  let found = 0;
  keptSteps.fill(0, 0, widthPx);
  // Beyond the right side nothing enters and nothing leaves.
  keptEntering.fill(0, widthPx, widthPx + radius);
  keptLeaving.fill(0, widthPx, widthPx + radius);
  for (let column = 0; column < widthPx; column++) {
    const ahead = column + radius;
    const next = keptSums[column + diameter]! + keptEntering[ahead]! - keptLeaving[ahead]!;
    keptSums[column + diameter] = next;
    sum += next - keptSums[column]!;
    const step = keptRow[column]! - sum * rowShare * keptShares[column]!;
    if (step <= contrast && step >= -contrast) continue;
    keptSteps[column] = step > 0 ? 1 : -1;
    found++;
  }
  return found;
}

function isGlyph(box: GlyphBox): boolean {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  if (height < rules.minHeightPx || height > rules.maxHeightPx) return false;
  if (width > height * rules.maxWidthOfHeight || width < 2) return false;
  const fill = box.pixelCount / (width * height);
  return fill >= 0.12 && fill <= 0.95;
}

/** Mean step from a pixel of the shape to its neighbour outside, left and right, over the shape's outline. */
function sharpness(box: GlyphBox, mask: Uint8Array, { values, widthPx }: GrayImage): number {
  let total = 0;
  let count = 0;
  for (let row = box.top; row < box.bottom; row++) {
    for (let column = Math.max(1, box.left); column < Math.min(widthPx - 1, box.right); column++) {
      const index = row * widthPx + column;
      if (mask[index] === 0) continue;
      for (const step of [-1, 1]) {
        if (mask[index + step] !== 0) continue;
        total += Math.abs(values[index]! - values[index + step]!);
        count++;
      }
    }
  }
  return count === 0 ? 0 : total / count;
}

/** Letters of a line are drawn in one ink: steep at their outlines and as bright as each other; fibres are neither. */
function isInk(
  line: readonly GlyphBox[],
  mask: Uint8Array,
  { image, polarity, range }: { image: GrayImage; polarity: number; range: number },
): boolean {
  const inks = line.map((box) => inkOf(box, mask, { image, polarity }));
  const depth = median(inks.map(({ level, surroundings }) => level - surroundings));
  const shallow = line.length <= rules.fewGlyphs ? rules.minInkOfFew : rules.minInk;
  const needed = depth >= rules.brightDepth * range ? rules.minInkOfBright : shallow;
  const levels = inks.map(({ level }) => level);
  const steepness = median(line.map((box) => sharpness(box, mask, image)));
  return steepness - standardDeviation(levels) >= needed * depth;
}

/** How bright the shape is, all but its brightest tenth, and how bright its surroundings are on average. */
function inkOf(
  { bottom, left, right, top }: GlyphBox,
  mask: Uint8Array,
  { image, polarity }: { image: GrayImage; polarity: number },
): { readonly level: number; readonly surroundings: number } {
  const { heightPx, values, widthPx } = image;
  const inside: number[] = [];
  let sum = 0;
  let count = 0;
  for (let row = Math.max(0, top - 2); row < Math.min(heightPx, bottom + 2); row++) {
    for (let column = Math.max(0, left - 2); column < Math.min(widthPx, right + 2); column++) {
      const index = row * widthPx + column;
      const value = values[index]! * polarity;
      if (mask[index] === 0) {
        sum += value;
        count++;
      } else if (row >= top && row < bottom && column >= left && column < right) {
        inside.push(value);
      }
    }
  }
  inside.sort((first, second) => first - second);
  return { level: inside[Math.floor(0.9 * inside.length)] ?? 0, surroundings: sum / Math.max(1, count) };
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
}

/** Chains of glyphs to the right of each other, of like height, on one line, no more than a wide space apart. */
function linesOf(glyphs: readonly GlyphBox[]): GlyphBox[][] {
  const byLeft = glyphs.toSorted((first, second) => first.left - second.left);
  const isTaken = new Set<GlyphBox>();
  const lines: GlyphBox[][] = [];
  for (const [index, first] of byLeft.entries()) {
    if (isTaken.has(first)) continue;
    const line = [first];
    for (const next of byLeft.slice(index + 1)) {
      const last = line.at(-1) ?? first;
      if (next.left - last.right > 2 * heightOf(last)) break;
      if (!isTaken.has(next) && follows(last, next)) line.push(next);
    }
    if (line.length < rules.minGlyphs || !isTextLike(line)) continue;
    for (const glyph of line) isTaken.add(glyph);
    lines.push(line);
  }
  return lines;
}

const heightOf = ({ top, bottom }: GlyphBox) => bottom - top;

function follows(last: GlyphBox, next: GlyphBox): boolean {
  const ratio = heightOf(next) / heightOf(last);
  if (ratio < 0.5 || ratio > 2) return false;
  const overlap = Math.min(last.bottom, next.bottom) - Math.max(last.top, next.top);
  if (overlap < 0.6 * Math.min(heightOf(last), heightOf(next))) return false;
  const gap = next.left - last.right;
  return gap > -0.2 * heightOf(last) && gap <= 1.6 * heightOf(last);
}

/** Letters share a base line or a top line; scattered specks do not. */
function isTextLike(line: readonly GlyphBox[]): boolean {
  const height = median(line.map(heightOf));
  const tolerance = Math.max(1.5, 0.15 * height);
  const onLine = (edges: readonly number[]) => {
    const middle = median(edges);
    return edges.filter((edge) => Math.abs(edge - middle) <= tolerance).length / edges.length;
  };
  const lengthPx = (line.at(-1)?.right ?? 0) - (line[0]?.left ?? 0);
  if (lengthPx < rules.minLengthOfHeight * height) return false;
  return Math.max(onLine(line.map(({ bottom }) => bottom)), onLine(line.map(({ top }) => top))) >= 0.7;
}

function median(values: readonly number[]): number {
  return values.toSorted((first, second) => first - second)[Math.floor(values.length / 2)] ?? 0;
}

function regionOf(line: readonly GlyphBox[], { heightPx, widthPx }: GrayImage): PixelRegion {
  const padding = Math.ceil(Math.max(...line.map(heightOf)) * 0.4);
  const left = Math.max(0, Math.min(...line.map((glyph) => glyph.left)) - padding);
  const top = Math.max(0, Math.min(...line.map((glyph) => glyph.top)) - padding);
  const right = Math.min(widthPx, Math.max(...line.map((glyph) => glyph.right)) + padding);
  const bottom = Math.min(heightPx, Math.max(...line.map((glyph) => glyph.bottom)) + padding);
  return { xPx: left, yPx: top, widthPx: right - left, heightPx: bottom - top };
}

function mergeOverlapping(regions: readonly PixelRegion[]): PixelRegion[] {
  const merged: PixelRegion[] = [];
  for (const region of regions) {
    let current = region;
    for (let index = merged.length - 1; index >= 0; index--) {
      const other = merged[index]!;
      if (!touches(current, other)) continue;
      current = union(current, other);
      merged.splice(index, 1);
    }
    merged.push(current);
  }
  return merged.sort((first, second) => first.yPx - second.yPx || first.xPx - second.xPx);
}

function touches(first: PixelRegion, second: PixelRegion): boolean {
  return (
    first.xPx < second.xPx + second.widthPx &&
    second.xPx < first.xPx + first.widthPx &&
    first.yPx < second.yPx + second.heightPx &&
    second.yPx < first.yPx + first.heightPx
  );
}

function union(first: PixelRegion, second: PixelRegion): PixelRegion {
  const xPx = Math.min(first.xPx, second.xPx);
  const yPx = Math.min(first.yPx, second.yPx);
  const right = Math.max(first.xPx + first.widthPx, second.xPx + second.widthPx);
  const bottom = Math.max(first.yPx + first.heightPx, second.yPx + second.heightPx);
  return { xPx, yPx, widthPx: right - xPx, heightPx: bottom - yPx };
}
