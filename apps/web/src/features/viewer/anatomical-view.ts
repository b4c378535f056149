import type { DisplayImage } from "./display-image.ts";
import { chestWallSide } from "./hanging.ts";
import type { Laterality } from "@crossread/contracts/dataset-manifest";

/** Where a viewport looks, in terms that both breasts and an earlier image of the same breast share. */
export interface AnatomicalView {
  /** Half of the viewport's height. */
  readonly parallelScale: number;
  readonly fromChestWallMm: number;
  readonly belowMiddleMm: number;
}

export interface WorldView {
  readonly parallelScale: number;
  /** Point of the image at the viewport's centre, mm from the image's top-left corner. */
  readonly centre: { readonly x: number; readonly y: number };
}

type Frame = Pick<DisplayImage, "widthPx" | "heightPx" | "rowSpacing" | "columnSpacing" | "chestWall">;

export function toAnatomicalView(frame: Frame, view: WorldView): AnatomicalView {
  const widthMm = frame.widthPx * frame.columnSpacing;
  return {
    parallelScale: view.parallelScale,
    fromChestWallMm: frame.chestWall === "left" ? view.centre.x : widthMm - view.centre.x,
    belowMiddleMm: view.centre.y - (frame.heightPx * frame.rowSpacing) / 2,
  };
}

export function toWorldView(frame: Frame, view: AnatomicalView): WorldView {
  const widthMm = frame.widthPx * frame.columnSpacing;
  return {
    parallelScale: view.parallelScale,
    centre: {
      x: frame.chestWall === "left" ? view.fromChestWallMm : widthMm - view.fromChestWallMm,
      y: view.belowMiddleMm + (frame.heightPx * frame.rowSpacing) / 2,
    },
  };
}

/** Whether hanging mirrors the stored image, so that its chest wall comes to the side where it belongs. */
export const isHungMirrored = (frame: Frame, laterality: Laterality): boolean =>
  frame.chestWall !== chestWallSide(laterality);
