import type { GrayImage } from "./gray-image.ts";

/** Makes an image smaller while its rows arrive: means over squares of pixels, cut off at the right and lower edge. */
export interface BoxMeans {
  /** Rows come in order, each of the image's width. */
  readonly addRow: (row: Float32Array, y: number) => void;
  /** Shape [⌈height / factor⌉, ⌈width / factor⌉]; asked once, after the last row. */
  readonly finish: () => GrayImage;
}

export interface Frame {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Smallest whole factor by which the longest side gets no longer than asked. */
export const boxFactor = ({ heightPx, widthPx }: Frame, longestSidePx: number): number =>
  Math.max(1, Math.ceil(Math.max(widthPx, heightPx) / longestSidePx));

/** As long as a row of DICOM may be; arrays in one place for the loops, as in `presentation.ts`. */
const keptPx = 65_536;
const keptRow = new Float32Array(keptPx);
const keptAbove = new Float32Array(keptPx);
const keptSums = new Float64Array(keptPx);
const keptMeans = new Float32Array(keptPx);

/** @complexity O(pixels), one pass */
export function createBoxMeans(frame: Frame, factor: number): BoxMeans {
  const widthPx = Math.ceil(frame.widthPx / factor);
  const heightPx = Math.ceil(frame.heightPx / factor);
  const values = new Float32Array(widthPx * heightPx);
  const finish = () => ({ widthPx, heightPx, values });
  if (factor === 1) return { addRow: (row, y) => values.set(row, y * widthPx), finish };
  if (factor === 2 && frame.widthPx % 2 === 0 && frame.heightPx % 2 === 0) {
    return { addRow: addRowOfPairs(values, widthPx), finish };
  }
  const sums = new Float64Array(widthPx);
  const wholeColumns = Math.floor(frame.widthPx / factor);
  const lastColumns = frame.widthPx - wholeColumns * factor;
  let rowCount = 0;
  return {
    addRow(row, y) {
      if (rowCount === 0) keptSums.fill(0, 0, widthPx);
      else keptSums.set(sums);
      keptRow.set(row);
      addBoxes(factor, wholeColumns);
      for (let x = wholeColumns * factor; x < frame.widthPx; x++) keptSums[wholeColumns]! += row[x]!;
      rowCount += 1;
      if (rowCount < factor && y < frame.heightPx - 1) {
        sums.set(keptSums.subarray(0, widthPx));
        return;
      }
      scaleSums(wholeColumns, 1 / (rowCount * factor));
      if (lastColumns > 0) keptMeans[wholeColumns] = keptSums[wholeColumns]! / (rowCount * lastColumns);
      values.set(keptMeans.subarray(0, widthPx), Math.floor(y / factor) * widthPx);
      rowCount = 0;
    },
    finish,
  };
}

/** The most common factor: squares of two rows at once, without sums in between. */
function addRowOfPairs(values: Float32Array, widthPx: number): BoxMeans["addRow"] {
  const above = new Float32Array(2 * widthPx);
  return (row, y) => {
    if (y % 2 === 0) {
      above.set(row);
      return;
    }
    keptAbove.set(above);
    keptRow.set(row);
    meanPairs(widthPx);
    values.set(keptMeans.subarray(0, widthPx), ((y - 1) / 2) * widthPx);
  };
}

function meanPairs(count: number): void {
  for (let x = 0; x < count; x++) {
    const above = keptAbove[2 * x]! + keptAbove[2 * x + 1]!;
    keptMeans[x] = (above + (keptRow[2 * x]! + keptRow[2 * x + 1]!)) * 0.25;
  }
}

function addBoxes(factor: number, count: number): void {
  for (let x = 0, from = 0; x < count; x++) {
    let sum = 0;
    for (const end = from + factor; from < end; from++) sum += keptRow[from]!;
    keptSums[x]! += sum;
  }
}

function scaleSums(count: number, scale: number): void {
  for (let x = 0; x < count; x++) keptMeans[x] = keptSums[x]! * scale;
}
