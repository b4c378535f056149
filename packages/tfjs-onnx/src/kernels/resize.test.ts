import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { float, linearGradientGap } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const sizes: readonly [number, number][] = [
  [8, 10],
  [2, 3],
  [1, 1],
  [4, 5],
  [7, 5],
];

const samplings: readonly [string, boolean, boolean][] = [
  ["asymmetric", false, false],
  ["aligned corners", true, false],
  ["half pixels", false, true],
];

// tfjs's own CPU gradients exchange rows and columns, do not know half pixels, or miss elements.
describe("gradients of resizing", () => {
  const cases = sizes.flatMap((size) => samplings.map(([name, ...sampling]) => ({ name, size, sampling })));

  test.each(cases)("are the forward kernel's, bilinear to $size, $name", async ({ size, sampling }) => {
    const gap = await linearGradientGap(float("x", 1, 4, 5, 2), (x) =>
      tf.image.resizeBilinear(x as tf.Tensor4D, size, ...sampling),
    );
    expect(gap).toBeLessThan(1e-5);
  });

  test.each(cases)("are the forward kernel's, nearest to $size, $name", async ({ size, sampling }) => {
    const gap = await linearGradientGap(float("x", 1, 4, 5, 2), (x) =>
      tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, ...sampling),
    );
    expect(gap).toBeLessThan(1e-5);
  });
});

describe("resizing", () => {
  sweep(
    sizes.flatMap((size) =>
      samplings.flatMap(([name, alignCorners, halfPixelCenters]): SweepCase[] => [
        {
          name: `bilinear to ${size.join("×")}, ${name}`,
          inputs: [float("x", 2, 4, 5, 3)],
          f: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, alignCorners, halfPixelCenters),
          hasGradient: false,
        },
        {
          name: `nearest to ${size.join("×")}, ${name}`,
          inputs: [float("x", 2, 4, 5, 3)],
          f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, alignCorners, halfPixelCenters),
          hasGradient: false,
        },
      ]),
    ),
  );
});
