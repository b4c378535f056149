import { expect, test } from "vitest";
import { magnify } from "./magnify.ts";

const display = {
  widthPx: 3,
  heightPx: 1,
  values: Uint16Array.of(0, 65_535, 0),
  rowSpacing: 1,
  columnSpacing: 1,
  overview: null,
  chestWall: "left" as const,
};
const lens = {
  display,
  at: { xPx: 1.5, yPx: 0.5 },
  sizePx: 4,
  factor: 2,
  window: { lower: 0, upper: 1 },
  isInverted: false,
  isMirrored: false,
};
const grays = (rgba: Uint8ClampedArray, row: number) => [0, 1, 2, 3].map((x) => rgba[(row * 4 + x) * 4]);

test("shows the pixels around its middle, larger, and black outside of the image", () => {
  const rgba = magnify(lens);
  // A bright pixel, twice as large, fades into its dark neighbours a quarter of a pixel from its middle.
  expect(grays(rgba, 1)).toEqual([64, 191, 191, 64]);
  expect(grays(rgba, 0)).toEqual([0, 0, 0, 0]);
});

test("follows window, inversion and mirroring of its viewport", () => {
  expect(grays(magnify({ ...lens, isInverted: true }), 1)).toEqual([191, 64, 64, 191]);
  expect(grays(magnify({ ...lens, window: { lower: 0.5, upper: 1 } }), 1)).toEqual([0, 128, 128, 0]);
  const aside = { ...lens, at: { xPx: 1, yPx: 0.5 } };
  expect(grays(magnify({ ...aside, isMirrored: true }), 1)).toEqual(grays(magnify(aside), 1).toReversed());
});
