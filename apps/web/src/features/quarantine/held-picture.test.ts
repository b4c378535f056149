import { expect, test } from "vitest";
import { regionBetween } from "../upload/mask-region.ts";
import { toPicture } from "./held-picture.ts";

test("a box drawn over a reduced preview is a box in pixels of the image", () => {
  const rgba = Uint8ClampedArray.from({ length: 4 * 10 * 8 }, (_, index) => Math.floor(index / 4));
  const picture = toPicture(rgba, 10, 30);
  expect(picture.samples.slice(0, 3)).toEqual(Uint8ClampedArray.of(0, 1, 2));
  expect(picture).toMatchObject({ widthPx: 10, heightPx: 8, reduction: 3 });
  expect(regionBetween(picture, { x: 0.5, y: 0.25 }, { x: 1, y: 0.5 })).toEqual({
    xPx: 15,
    yPx: 6,
    widthPx: 15,
    heightPx: 6,
  });
});
