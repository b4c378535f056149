import { expect, test } from "vitest";
import { colourMap, colourMapNames, colouriseMap, contourMap } from "./colour-map.ts";

/** CIE 1976 L* of an sRGB colour. */
function lightness(red: number, green: number, blue: number): number {
  const [r, g, b] = [red, green, blue].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
  return y > 216 / 24_389 ? 116 * Math.cbrt(y) - 16 : (24_389 / 27) * y;
}

test.each(colourMapNames)("%s grows lighter in even steps, so that equal steps look equal", (name) => {
  const colours = colourMap(name);
  const light = Array.from({ length: 256 }, (_, index) =>
    lightness(colours[index * 3]!, colours[index * 3 + 1]!, colours[index * 3 + 2]!),
  );
  const steps = Array.from({ length: 8 }, (_, part) => light[(part + 1) * 31]! - light[part * 31]!);
  for (const step of steps) expect(step).toBeGreaterThan(6);
  expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.8);
});

test("leaves everything below the threshold transparent", () => {
  const rgba = colouriseMap(Uint8Array.of(0, 127, 128, 255), { name: "inferno", threshold: 0.5 });
  expect([rgba[3], rgba[7], rgba[11], rgba[15]]).toEqual([0, 0, 255, 255]);
  expect(Array.from(rgba.slice(12, 15))).toEqual([252, 255, 164]);
});

test("a contour is the border of what reaches the threshold, on both sides of it", () => {
  const values = Uint8Array.from({ length: 25 }, (_, index) => (index % 5 >= 3 ? 200 : 10));
  const rgba = contourMap({ widthPx: 5, heightPx: 5, values }, 0.5);
  const row = [0, 1, 2, 3, 4].map((x) => rgba[(2 * 5 + x) * 4 + 3]);
  expect(row).toEqual([0, 0, 255, 255, 255]);
  expect([...contourMap({ widthPx: 5, heightPx: 5, values: new Uint8Array(25) }, 0)]).toEqual(
    Array.from({ length: 100 }, () => 0),
  );
});
