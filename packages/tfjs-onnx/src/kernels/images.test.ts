import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float, int } from "../testing/agreement.ts";
import { sweep, sweepSlopes, type SweepCase } from "../testing/sweep.ts";

const boxes = {
  b: Float32Array.of(0.11, 0.23, 0.83, 0.71, 0, 0, 1, 1, 0.93, 1.13, -0.21, 0.37),
  i: Int32Array.of(1, 0, 1),
};
const cropSizes: readonly [number, number][] = [
  [3, 4],
  [1, 1],
  [7, 2],
];

describe("images", () => {
  sweep([
    {
      name: "turned over",
      inputs: [float("x", 2, 3, 4, 2)],
      f: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
      hasGradient: false,
    },
    {
      name: "rotated about a point, with a colour",
      inputs: [float("x", 2, 6, 5, 4)],
      f: (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, 0.5, [1, 2, 3], [0.4, 0.6]),
      hasGradient: false,
    },
    {
      name: "rotated about the middle, with a number",
      inputs: [float("x", 2, 6, 5, 4)],
      f: (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, -2, 0.3),
      hasGradient: false,
    },
    ...(["bilinear", "nearest"] as const).flatMap((method) =>
      cropSizes.map((size): SweepCase => ({
        name: `cropped and resized to ${size.join("×")}, ${method}`,
        inputs: [float("x", 2, 6, 5, 3), float("b", 3, 4), int("i", 3)],
        f: (x, b, i) =>
          tf.image.cropAndResize(x as tf.Tensor4D, b as tf.Tensor2D, i as tf.Tensor1D, size, method, 0.25),
        values: boxes,
        hasGradient: false,
      })),
    ),
  ]);
});

describe("local response normalisation", () => {
  sweepSlopes(
    [
      [2, 1.5, 0.3, 0.7],
      [0, 1, 1, 0.5],
      [5, 2, 0.1, 1],
    ].map(([radius, bias, alpha, beta]): SweepCase => ({
      name: `radius ${radius}, bias ${bias}, alpha ${alpha}, beta ${beta}`,
      inputs: [float("x", 2, 3, 4, 7)],
      f: (x) => tf.localResponseNormalization(x as tf.Tensor4D, radius, bias, alpha, beta),
    })),
  );
});
