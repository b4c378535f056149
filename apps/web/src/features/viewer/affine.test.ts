import { expect, test } from "vitest";
import { affineThrough, applyAffine, invertAffine, scaleOf } from "./affine.ts";

const flipped = affineThrough({ xPx: 500, yPx: 20 }, { xPx: 499.5, yPx: 20 }, { xPx: 500, yPx: 20.5 });

test("carries the unit points to where they were given, a mirrored image included", () => {
  expect(applyAffine(flipped, { xPx: 100, yPx: 40 })).toEqual({ xPx: 450, yPx: 40 });
  expect(scaleOf(flipped)).toBe(0.5);
});

test("comes back to the same image pixel through its inverse", () => {
  const inverse = invertAffine(flipped);
  expect(inverse).toBeDefined();
  if (inverse === undefined) return;
  const back = applyAffine(inverse, applyAffine(flipped, { xPx: 12.25, yPx: 801.5 }));
  expect(back.xPx).toBeCloseTo(12.25, 10);
  expect(back.yPx).toBeCloseTo(801.5, 10);
});

test("has no inverse while the viewport has no size", () => {
  const point = { xPx: 0, yPx: 0 };
  expect(invertAffine(affineThrough(point, point, point))).toBeUndefined();
});
