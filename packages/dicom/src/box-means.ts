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

/** @complexity O(pixels), one pass */
export function createBoxMeans(frame: Frame, factor: number): BoxMeans {
  const widthPx = Math.ceil(frame.widthPx / factor);
  const heightPx = Math.ceil(frame.heightPx / factor);
  const values = new Float32Array(widthPx * heightPx);
  const sums = new Float64Array(widthPx);
  const wholeColumns = Math.floor(frame.widthPx / factor);
  let rowCount = 0;

  function write(y: number): void {
    const target = Math.floor(y / factor) * widthPx;
    const scale = 1 / (rowCount * factor);
    for (let x = 0; x < wholeColumns; x++) values[target + x] = sums[x]! * scale;
    if (wholeColumns < widthPx) {
      values[target + wholeColumns] =
        sums[wholeColumns]! / (rowCount * (frame.widthPx - wholeColumns * factor));
    }
    sums.fill(0);
    rowCount = 0;
  }

  return {
    addRow(row, y) {
      if (factor === 2) addPairs(row, sums, wholeColumns);
      else addBoxes(row, sums, { factor, wholeColumns });
      for (let x = wholeColumns * factor; x < row.length; x++) sums[wholeColumns]! += row[x]!;
      rowCount += 1;
      if (rowCount === factor || y === frame.heightPx - 1) write(y);
    },
    finish: () => ({ widthPx, heightPx, values }),
  };
}

/** The most common factor, without an inner loop. */
function addPairs(row: Float32Array, sums: Float64Array, count: number): void {
  for (let x = 0; x < count; x++) sums[x]! += row[2 * x]! + row[2 * x + 1]!;
}

function addBoxes(
  row: Float32Array,
  sums: Float64Array,
  { factor, wholeColumns }: { readonly factor: number; readonly wholeColumns: number },
): void {
  for (let x = 0, from = 0; x < wholeColumns; x++) {
    let sum = 0;
    for (const end = from + factor; from < end; from++) sum += row[from]!;
    sums[x]! += sum;
  }
}
