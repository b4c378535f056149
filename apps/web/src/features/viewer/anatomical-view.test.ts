import { expect, test } from "vitest";
import { toAnatomicalView, toWorldView } from "./anatomical-view.ts";

const left = { widthPx: 100, heightPx: 300, rowSpacing: 0.1, columnSpacing: 0.1, chestWall: "left" as const };
const right = { ...left, widthPx: 200, heightPx: 400, chestWall: "right" as const };

test("a view of the left breast is the same distance from the other chest wall on the right one", () => {
  const view = toAnatomicalView(left, { parallelScale: 5, centre: { x: 3, y: 18 } });
  expect(view).toEqual({ parallelScale: 5, fromChestWallMm: 3, belowMiddleMm: 3 });
  const onRight = toWorldView(right, view);
  expect(onRight.centre.x).toBeCloseTo(17, 12);
  expect(onRight.centre.y).toBeCloseTo(23, 12);
});

test("goes there and back", () => {
  for (const frame of [left, right]) {
    const view = { parallelScale: 2, centre: { x: 7.5, y: 11 } };
    const back = toWorldView(frame, toAnatomicalView(frame, view));
    expect(back.centre.x).toBeCloseTo(7.5, 12);
    expect(back.centre.y).toBeCloseTo(11, 12);
  }
});
