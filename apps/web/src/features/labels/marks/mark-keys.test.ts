import { expect, test } from "vitest";
import { shapedByKey } from "./mark-keys.ts";
import { handlesOf } from "../../viewer/mark-handles.ts";

const frame = { widthPx: 1_000, heightPx: 2_000 };
const triangle = {
  shape: "polygon" as const,
  points: [
    { xPx: 100, yPx: 100 },
    { xPx: 200, yPx: 100 },
    { xPx: 100, yPx: 200 },
  ],
};
const press = (key: string, handle: number | null = null, shiftKey = false) =>
  shapedByKey(triangle, { key, shiftKey }, handle, frame);

test("an arrow moves the whole mark, with Shift by one pixel, and no other key does", () => {
  expect(handlesOf(press("ArrowRight") ?? triangle)[0]).toEqual({ xPx: 105, yPx: 100 });
  expect(handlesOf(press("ArrowUp", null, true) ?? triangle)[2]).toEqual({ xPx: 100, yPx: 199 });
  expect(press("x")).toBeUndefined();
});

test("an arrow moves the chosen corner alone", () => {
  expect(handlesOf(press("ArrowDown", 1) ?? triangle)).toEqual([
    { xPx: 100, yPx: 100 },
    { xPx: 200, yPx: 105 },
    { xPx: 100, yPx: 200 },
  ]);
});

test("nothing that keys do leaves the image", () => {
  for (const key of ["ArrowLeft", "ArrowUp", "+", ",", "."]) {
    let shape = press(key) ?? triangle;
    for (let step = 0; step < 300; step++) {
      shape = (shapedByKey(shape, { key, shiftKey: false }, null, frame) ?? shape) as typeof triangle;
    }
    for (const { xPx, yPx } of handlesOf(shape)) {
      expect(xPx).toBeGreaterThanOrEqual(0);
      expect(xPx).toBeLessThanOrEqual(frame.widthPx);
      expect(yPx).toBeGreaterThanOrEqual(0);
      expect(yPx).toBeLessThanOrEqual(frame.heightPx);
    }
  }
});
