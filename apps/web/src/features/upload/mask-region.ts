import type { PixelRegion } from "@crossread/dicom/deidentify/deidentified-file";
import type { Picture } from "./file-worker-protocol.ts";

/** Shares of the picture's width and height, from its top-left corner; beyond 0 and 1 outside of it. */
export interface PicturePoint {
  readonly x: number;
  readonly y: number;
}

const smallestShare = 0.005;

/** The box between two corners, in pixels of the image and inside of it; undefined where it was only a click. */
export function regionBetween(
  picture: Picture,
  start: PicturePoint,
  end: PicturePoint,
): PixelRegion | undefined {
  const [left, right] = inOrder(start.x, end.x);
  const [top, bottom] = inOrder(start.y, end.y);
  if (right - left < smallestShare || bottom - top < smallestShare) return undefined;
  const imageWidthPx = Math.floor(picture.widthPx * picture.reduction);
  const imageHeightPx = Math.floor(picture.heightPx * picture.reduction);
  const xPx = Math.floor(left * imageWidthPx);
  const yPx = Math.floor(top * imageHeightPx);
  return {
    xPx,
    yPx,
    widthPx: Math.ceil(right * imageWidthPx) - xPx,
    heightPx: Math.ceil(bottom * imageHeightPx) - yPx,
  };
}

function inOrder(first: number, second: number): readonly [number, number] {
  const inside = (share: number) => Math.min(1, Math.max(0, share));
  return [inside(Math.min(first, second)), inside(Math.max(first, second))];
}
