import { describe, expect, test } from "vitest";
import { hasTissue, nearestTile, tileGrid } from "./tile-grid.ts";

describe("the tiles of an image", () => {
  test("cover it without reaching over its border, every second row backwards", () => {
    const grid = tileGrid({ width: 2_500, height: 1_500 }, { width: 1_000, height: 1_000 });
    expect(grid).toEqual({
      columns: 3,
      rows: 2,
      tiles: [
        { xPx: 500, yPx: 500 },
        { xPx: 1_250, yPx: 500 },
        { xPx: 2_000, yPx: 500 },
        { xPx: 2_000, yPx: 1_000 },
        { xPx: 1_250, yPx: 1_000 },
        { xPx: 500, yPx: 1_000 },
      ],
    });
    expect(nearestTile(grid, { xPx: 1_900, yPx: 1_200 })).toBe(3);
  });

  test("are one where the viewport is larger than the image", () => {
    expect(tileGrid({ width: 300, height: 400 }, { width: 900, height: 900 }).tiles).toEqual([
      { xPx: 150, yPx: 200 },
    ]);
  });

  test("tell air from tissue", () => {
    const values = new Uint16Array(100 * 100);
    values[40 * 100 + 80] = 2_000;
    const image = {
      widthPx: 100,
      heightPx: 100,
      values,
      rowSpacing: 1,
      columnSpacing: 1,
      overview: null,
      chestWall: "left" as const,
    };
    const tile = { width: 48, height: 48 };
    expect(hasTissue(image, { xPx: 24, yPx: 24 }, tile)).toBe(false);
    expect(hasTissue(image, { xPx: 72, yPx: 24 }, tile)).toBe(true);
  });
});
