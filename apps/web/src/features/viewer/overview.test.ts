import { describe, expect, test } from "vitest";
import { makeOverview } from "./overview.ts";

describe("the smaller copy of an image", () => {
  test("is not made of what fits a screen", () => {
    expect(makeOverview({ widthPx: 2, heightPx: 2_048, values: new Uint16Array(4_096) })).toBeNull();
  });

  test("holds the mean of each square, also of those that are cut by the edge", () => {
    const widthPx = 5;
    const heightPx = 4_097;
    const values = Uint16Array.from({ length: widthPx * heightPx }, (_, index) => (index * 7_919) % 65_536);
    const overview = makeOverview({ widthPx, heightPx, values });
    expect(overview).toMatchObject({ factor: 3, widthPx: 2, heightPx: 1_366 });
    const meanOf = (columns: readonly number[], rows: readonly number[]) => {
      const all = rows.flatMap((row) =>
        columns.map((column) => values[row * widthPx + column] ?? Number.NaN),
      );
      return Math.round(all.reduce((sum, value) => sum + value) / all.length);
    };
    expect(overview?.values[0]).toBe(meanOf([0, 1, 2], [0, 1, 2]));
    expect(overview?.values[1]).toBe(meanOf([3, 4], [0, 1, 2]));
    expect(overview?.values.at(-1)).toBe(meanOf([3, 4], [4_095, 4_096]));
  });

  test("keeps one bright pixel in sight", () => {
    const values = new Uint16Array(4_096 * 2);
    values[2 * 1_001] = 40_000;
    const overview = makeOverview({ widthPx: 2, heightPx: 4_096, values });
    expect(overview?.values[500]).toBe(10_000);
  });
});
