import { expect, test } from "vitest";
import { createRandom } from "@crossread/metrics/random";
import { boxFactor, createBoxMeans } from "./box-means.ts";

test.each([1, 2, 3, 5])("means of squares of %i pixels, cut off at the edges", (factor) => {
  const random = createRandom(factor);
  const [widthPx, heightPx] = [13, 11];
  const values = Float32Array.from({ length: widthPx * heightPx }, () => random.next());
  const means = createBoxMeans({ widthPx, heightPx }, factor);
  for (let y = 0; y < heightPx; y++) means.addRow(values.subarray(y * widthPx, (y + 1) * widthPx), y);
  const small = means.finish();
  expect([small.widthPx, small.heightPx]).toEqual([Math.ceil(13 / factor), Math.ceil(11 / factor)]);
  for (let row = 0; row < small.heightPx; row++) {
    for (let column = 0; column < small.widthPx; column++) {
      const inside: number[] = [];
      for (let y = row * factor; y < Math.min(heightPx, (row + 1) * factor); y++) {
        for (let x = column * factor; x < Math.min(widthPx, (column + 1) * factor); x++) {
          inside.push(values[y * widthPx + x]!);
        }
      }
      const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
      expect(small.values[row * small.widthPx + column]).toBeCloseTo(mean, 6);
    }
  }
});

test("the factor is the smallest that fits", () => {
  expect(boxFactor({ widthPx: 100, heightPx: 1536 }, 1536)).toBe(1);
  expect(boxFactor({ widthPx: 1537, heightPx: 10 }, 1536)).toBe(2);
  expect(boxFactor({ widthPx: 4608, heightPx: 10 }, 1536)).toBe(3);
});
