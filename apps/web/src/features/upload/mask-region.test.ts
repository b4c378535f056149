import { expect, test } from "vitest";
import { regionBetween } from "./mask-region.ts";

const picture = { widthPx: 100, heightPx: 200, reduction: 4, samples: new Uint8ClampedArray() };

test("a box drawn in any direction covers the same whole pixels of the image", () => {
  const region = { xPx: 40, yPx: 400, widthPx: 41, heightPx: 161 };
  const [start, end] = [
    { x: 0.1, y: 0.5 },
    { x: 0.2001, y: 0.7001 },
  ];
  expect(regionBetween(picture, start, end)).toEqual(region);
  expect(regionBetween(picture, end, start)).toEqual(region);
});

test("a box ends at the border of the image", () => {
  expect(regionBetween(picture, { x: 0.75, y: -1 }, { x: 9, y: 2 })).toEqual({
    xPx: 300,
    yPx: 0,
    widthPx: 100,
    heightPx: 800,
  });
});

test("a click is no box", () => {
  expect(regionBetween(picture, { x: 0.5, y: 0.5 }, { x: 0.5, y: 0.5 })).toBeUndefined();
});
