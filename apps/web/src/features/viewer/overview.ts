import type { DisplayImage } from "./display-image.ts";

/** A smaller copy for a screen that has fewer pixels than the image: each of its values is the mean of a square. */
export interface Overview {
  /** Side of the square, pixels of the image. */
  readonly factor: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Uint16Array<ArrayBuffer>;
}

const longestPx = 2_048;

/** Null where the image itself is small; squares that reach over the edge take the mean of what lies inside. */
export function makeOverview(image: Pick<DisplayImage, "widthPx" | "heightPx" | "values">): Overview | null {
  const factor = Math.ceil(Math.max(image.widthPx, image.heightPx) / longestPx);
  if (factor <= 1) return null;
  const widthPx = Math.ceil(image.widthPx / factor);
  const heightPx = Math.ceil(image.heightPx / factor);
  const values = new Uint16Array(widthPx * heightPx);
  const sums = new Float64Array(widthPx);
  for (let row = 0; row < heightPx; row++) {
    const lastY = Math.min(image.heightPx, (row + 1) * factor);
    sums.fill(0);
    for (let y = row * factor; y < lastY; y++) {
      let at = y * image.widthPx;
      const end = at + image.widthPx;
      for (let column = 0; at < end; column++) {
        const last = Math.min(end, at + factor);
        let sum = 0;
        for (; at < last; at++) sum += image.values[at]!;
        sums[column]! += sum;
      }
    }
    const rows = lastY - row * factor;
    for (let column = 0; column < widthPx; column++) {
      const columns = Math.min(factor, image.widthPx - column * factor);
      values[row * widthPx + column] = sums[column]! / (rows * columns) + 0.5;
    }
  }
  return { factor, widthPx, heightPx, values };
}
