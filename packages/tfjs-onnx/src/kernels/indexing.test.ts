import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const indices = { i: Int32Array.of(2, 0, 2, 1) };

describe("functions with indices", () => {
  sweep([
    ...[0, 1, 2, -1].map((axis): SweepCase => ({
      name: `gather along ${axis}`,
      inputs: [float("x", 3, 4, 3), int("i", 4)],
      f: (x, i) => tf.gather(x!, i as tf.Tensor1D, axis),
      values: indices,
    })),
    {
      name: "gather by a matrix of indices",
      inputs: [float("x", 3, 2), int("i", 2, 2)],
      f: (x, i) => tf.gather(x!, i as tf.Tensor2D),
      values: indices,
    },
    {
      name: "gather by coordinates",
      inputs: [float("x", 3, 4, 2), int("i", 2, 2)],
      f: (x, i) => tf.gatherND(x!, i!),
      values: indices,
      hasGradient: false,
    },
    {
      name: "scatter by coordinates, twice to one place",
      inputs: [int("i", 4, 1), float("u", 4, 3)],
      f: (i, u) => tf.scatterND(i as tf.Tensor2D, u!, [5, 3]),
      values: indices,
      hasGradient: false,
    },
    {
      name: "segment sums, one segment outside",
      inputs: [float("x", 4, 3), int("i", 4)],
      f: (x, i) => tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 3),
      values: { i: Int32Array.of(2, 0, -1, 2) },
    },
    {
      name: "one-hot, indices outside, other values",
      inputs: [int("i", 2, 3)],
      f: (i) => tf.oneHot(i!, 3, 0.9, -0.1),
      values: { i: Int32Array.of(0, 1, 2, 3, -1, 1) },
      hasGradient: false,
    },
    {
      name: "one-hot as integers",
      inputs: [int("i", 3)],
      f: (i) => tf.oneHot(i!, 4, 5, 2, "int32"),
      values: { i: Int32Array.of(0, 3, 2) },
      hasGradient: false,
    },
    ...[0, 1].flatMap((axis) =>
      [false, true].flatMap((exclusive) =>
        [false, true].flatMap((reverse): SweepCase[] => [
          {
            name: `running sum along ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`,
            inputs: [float("x", 4, 5)],
            f: (x) => tf.cumsum(x!, axis, exclusive, reverse),
          },
          {
            name: `running product along ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`,
            inputs: [float("x", 3, 5)],
            f: (x) => tf.cumprod(x!, axis, exclusive, reverse),
            hasGradient: false,
          },
        ]),
      ),
    ),
    {
      name: "the greatest two and where they were",
      inputs: [float("x", 3, 5)],
      f: (x) => {
        const { values, indices: where } = tf.topk(x!, 2);
        return tf.add(values, tf.cast(where, "float32"));
      },
      hasGradient: false,
    },
    {
      name: "depth to space",
      inputs: [float("x", 2, 2, 3, 8)],
      f: (x) => tf.depthToSpace(x as tf.Tensor4D, 2),
      hasGradient: false,
    },
  ]);
});
