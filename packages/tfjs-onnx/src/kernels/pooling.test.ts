import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { float, linearGradientGap } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

type Pad = "same" | "valid" | number;

const geometries: readonly [filter: [number, number], stride: [number, number], pad: Pad][] = [
  [[2, 2], [2, 2], "valid"],
  [[2, 2], [2, 2], "same"],
  [[3, 3], [2, 2], "valid"],
  [[3, 3], [1, 1], "same"],
  [[3, 2], [2, 3], "same"],
  [[3, 3], [2, 2], 1],
  [[7, 9], [1, 1], "valid"],
];

const title = ([filter, stride, pad]: (typeof geometries)[number]): string =>
  `${filter.join("×")}, stride ${stride.join("×")}, pad ${pad}`;

describe("pooling", () => {
  sweep(
    geometries.flatMap((geometry): SweepCase[] => {
      const [filter, stride, pad] = geometry;
      return [
        {
          name: `maximum ${title(geometry)}`,
          inputs: [float("x", 2, 7, 9, 3)],
          f: (x) => tf.maxPool(x as tf.Tensor4D, filter, stride, pad),
        },
        {
          name: `average ${title(geometry)}`,
          inputs: [float("x", 2, 7, 9, 3)],
          f: (x) => tf.avgPool(x as tf.Tensor4D, filter, stride, pad),
          hasGradient: pad === "valid",
        },
      ];
    }),
  );

  // tfjs's CPU gradient divides by the window size, padding included, which is not the derivative of its forward kernel.
  test.each(geometries)(
    "gives the derivative of an average that leaves padding out: %j, %j, %j",
    async (...geometry) => {
      const [filter, stride, pad] = geometry;
      const gap = await linearGradientGap(float("x", 1, 7, 9, 1), (x) =>
        tf.avgPool(x as tf.Tensor4D, filter, stride, pad),
      );
      expect(gap).toBeLessThan(1e-5);
    },
  );
});
