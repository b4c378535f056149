import type { Point } from "./affine.ts";
import type { DisplayImage } from "./display-image.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** An image cut into pieces that each fill the viewport, so that all of it can be looked at one to one. */
export interface TileGrid {
  readonly columns: number;
  readonly rows: number;
  /** Middles in pixels of the image, row by row, every second row backwards. */
  readonly tiles: readonly Point[];
}

/** Tiles overlap where they do not divide the image evenly; nothing lies outside of the image. */
export function tileGrid(image: Size, tile: Size): TileGrid {
  const columns = Math.max(1, Math.ceil(image.width / tile.width));
  const rows = Math.max(1, Math.ceil(image.height / tile.height));
  const middle = (index: number, count: number, whole: number, part: number) =>
    count === 1 ? whole / 2 : part / 2 + ((whole - part) * index) / (count - 1);
  const tiles = Array.from({ length: rows * columns }, (_, index) => {
    const row = Math.floor(index / columns);
    const column = row % 2 === 0 ? index % columns : columns - 1 - (index % columns);
    return {
      xPx: middle(column, columns, image.width, tile.width),
      yPx: middle(row, rows, image.height, tile.height),
    };
  });
  return { columns, rows, tiles };
}

const sampledEveryPx = 8;
const darkest = 655;

/** Whether a tile shows anything but the air around the breast: 1 % of the range counts as something. */
export function hasTissue(image: DisplayImage, middle: Point, tile: Size): boolean {
  const left = Math.max(0, Math.floor(middle.xPx - tile.width / 2));
  const top = Math.max(0, Math.floor(middle.yPx - tile.height / 2));
  const right = Math.min(image.widthPx, left + Math.ceil(tile.width));
  const bottom = Math.min(image.heightPx, top + Math.ceil(tile.height));
  for (let y = top; y < bottom; y += sampledEveryPx) {
    for (let x = left; x < right; x += sampledEveryPx) {
      if (image.values[y * image.widthPx + x]! > darkest) return true;
    }
  }
  return false;
}

/** Index of the tile whose middle is nearest. */
export function nearestTile({ tiles }: TileGrid, to: Point): number {
  let nearest = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, { xPx, yPx }] of tiles.entries()) {
    const away = Math.hypot(xPx - to.xPx, yPx - to.yPx);
    if (away >= distance) continue;
    distance = away;
    nearest = index;
  }
  return nearest;
}
