import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { bool, float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

type Reduction = (x: tf.Tensor, axes: number[] | undefined, keepDims: boolean) => tf.Tensor;

const reductions: readonly [string, Reduction][] = [
  ["sum", tf.sum],
  ["mean", tf.mean],
  ["max", tf.max],
  ["min", tf.min],
];

const axisLists: readonly (number[] | undefined)[] = [
  undefined,
  [0],
  [1],
  [2],
  [3],
  [-1],
  [1, 2],
  [0, 1, 2],
  [2, 3],
  [0, 3],
  [0, 2],
  [1, 3],
];

/** A 1×1 convolution, whose result is stored NCHW. */
const stored = (x: tf.Tensor | undefined): tf.Tensor4D =>
  tf.conv2d(x as tf.Tensor4D, tf.tensor4d([1, 0.2, 0, 0, 1, 0.3, 0.1, 0, 1], [1, 1, 3, 3]), 1, "same");

describe("reductions", () => {
  sweep(
    reductions.flatMap(([name, f]) =>
      axisLists.flatMap((axes) =>
        [true, false].map((keepDims): SweepCase => ({
          name: `${name} over ${axes?.join() ?? "all axes"}${keepDims ? ", kept" : ""}`,
          inputs: [float("x", 2, 4, 5, 3)],
          f: (x) => tf.mul(f(stored(x), axes, keepDims), 2),
        })),
      ),
    ),
    ["cpu"],
  );
  sweep([
    { name: "sum of integers", inputs: [int("i", 3, 4)], f: (i) => tf.sum(i!, 1), hasGradient: false },
    { name: "sum of truth values", inputs: [bool("b", 3, 4)], f: (b) => tf.sum(b!, 0), hasGradient: false },
    { name: "max of integers", inputs: [int("i", 3, 4)], f: (i) => tf.max(i!, 0, true), hasGradient: false },
    { name: "mean of integers", inputs: [int("i", 3, 4)], f: (i) => tf.mean(i!, 1), hasGradient: false },
    ...[0, 1, -1].flatMap((axis): SweepCase[] => [
      {
        name: `prod over ${axis}`,
        inputs: [float("x", 3, 4)],
        f: (x) => tf.prod(x!, axis),
        hasGradient: axis >= 0,
      },
      { name: `all over ${axis}`, inputs: [bool("b", 3, 2)], f: (b) => tf.all(b!, axis), hasGradient: false },
      {
        name: `any over ${axis}, kept`,
        inputs: [bool("b", 3, 2)],
        f: (b) => tf.any(b!, axis, true),
        hasGradient: false,
      },
    ]),
    ...[0, 1, 2, 3].map((axis): SweepCase => ({
      name: `positions of the extremes along ${axis}`,
      inputs: [float("x", 2, 4, 5, 3)],
      f: (x) => tf.stack([tf.argMax(stored(x), axis), tf.argMin(stored(x), axis)]),
      hasGradient: false,
    })),
    {
      name: "reductions of what only repeats",
      inputs: [float("x", 3, 1)],
      f: (x) => {
        const wide = tf.mul(x!, tf.ones([2, 3, 5]));
        return tf.stack([tf.sum(wide, [0, 2]), tf.mean(wide, [0, 2]), tf.max(wide, [0, 2])]);
      },
    },
    {
      name: "a product of what only repeats",
      inputs: [float("x", 3, 1)],
      f: (x) => tf.prod(tf.mul(x!, tf.ones([3, 4])), 1),
      hasGradient: false,
    },
    ...([1, 2, "euclidean", Infinity, -Infinity] as const).flatMap((order): SweepCase[] => [
      {
        name: `norm of order ${order} over rows`,
        inputs: [float("x", 3, 4)],
        f: (x) => tf.norm(x!, order, 1),
      },
      {
        name: `norm of order ${order} over columns, kept`,
        inputs: [float("x", 3, 4)],
        f: (x) => tf.norm(x!, order, 0, true),
      },
    ]),
    {
      name: "Frobenius norm",
      inputs: [float("x", 2, 3, 4)],
      f: (x) => tf.norm(x!, "fro", [1, 2]),
    },
    {
      name: "max and min among equals",
      inputs: [float("x", 2, 4)],
      f: (x) => tf.concat([tf.max(x!, 1), tf.min(x!, 1), tf.max(x!, 0), tf.min(x!, 0)]),
      values: { x: Float32Array.of(1, 2, 2, 0, 3, 3, 3, 3) },
    },
    {
      name: "moments, log-sum-exp and norm",
      inputs: [float("x", 2, 4, 5, 3)],
      f: (x) => {
        const { mean, variance } = tf.moments(stored(x), [0, 1, 2]);
        return tf.stack([
          mean,
          variance,
          tf.logSumExp(x!, [0, 1, 2]),
          tf.norm(x!, "euclidean", [1, 2]).sum(0),
        ]);
      },
    },
  ]);
});
