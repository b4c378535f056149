import { expect, it } from "vitest";
import { mergePixelSums, normalisationOf, normaliseInto, sumPixels } from "./normalisation.ts";

const a = Float32Array.of(0, 0.25, 0.5);
const b = Float32Array.of(1, 0.75);

it("gives the mean and standard deviation over all pixels of all images", () => {
  expect(normalisationOf(sumPixels([a, b]))).toEqual({ mean: 0.5, standardDeviation: Math.sqrt(0.125) });
});

it("merges the sums of two sites into those of their union", () => {
  expect(mergePixelSums([sumPixels([a]), sumPixels([b])])).toEqual(sumPixels([a, b]));
  expect(mergePixelSums([])).toEqual({ count: 0, sum: 0, sumOfSquares: 0 });
});

it("brings the training pixels to mean 0 and variance 1", () => {
  const target = new Float32Array(5);
  normaliseInto(target, Float32Array.of(...a, ...b), normalisationOf(sumPixels([a, b])));
  expect(target.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
  expect(target.reduce((sum, value) => sum + value * value, 0) / 5).toBeCloseTo(1, 6);
});

it.each([
  ["no image", []],
  ["black images only", [new Float32Array(10)]],
])("refuses %s", (_name, images) => {
  expect(() => normalisationOf(sumPixels(images))).toThrow(
    expect.objectContaining({ code: "cohort-invalid" }),
  );
});
