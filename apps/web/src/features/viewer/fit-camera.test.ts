import { expect, test } from "vitest";
import { fitCamera } from "./fit-camera.ts";

const extent = { width: 180, height: 240 };
const viewport = { width: 300, height: 200 };

test("fits the height of the tallest image and puts the chest wall on the edge", () => {
  const image = { width: 160, height: 200 };
  const left = fitCamera({ extent, image, viewport, chestWall: "left" });
  expect(left.parallelScale).toBe(120);
  // The viewport is 360 wide: its left edge lies at x = 0 of the image.
  expect(left.centre).toEqual({ x: 180, y: 100 });
  const right = fitCamera({ extent, image, viewport, chestWall: "right" });
  // Its right edge, 180 further, lies at the image's right edge.
  expect(right.centre.x + 180).toBe(image.width);
});

test("fits the width where the viewport is narrow", () => {
  const narrow = { width: 100, height: 400 };
  const fitted = fitCamera({ extent, image: extent, viewport: narrow, chestWall: null });
  expect(fitted.parallelScale).toBe(360);
  expect(fitted.centre).toEqual({ x: 90, y: 120 });
});
