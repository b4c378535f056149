import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const image = float("x", 2, 4, 5, 3);
const stored = (x: tf.Tensor | undefined): tf.Tensor4D =>
  tf.conv2d(x as tf.Tensor4D, tf.tensor4d([1, 0.2, 0, 0, 1, 0.3, 0.1, 0, 1], [1, 1, 3, 3]), 1, "same");

const functions: readonly [string, (x: tf.Tensor) => tf.Tensor][] = [
  ["reshape", (x) => tf.reshape(x, [8, -1])],
  ["flatten and back", (x) => tf.reshape(tf.reshape(x, [-1]), [2, 4, 5, 3])],
  ["expand dims", (x) => tf.expandDims(x, 1)],
  ["squeeze of kept means", (x) => tf.squeeze(tf.mean(x, [1, 2], true))],
  ["transpose 0312", (x) => tf.transpose(x, [0, 3, 1, 2])],
  ["transpose 3210", (x) => tf.transpose(x)],
  ["transpose there and back", (x) => tf.transpose(tf.transpose(x, [0, 3, 1, 2]), [0, 2, 3, 1])],
  ["slice", (x) => tf.slice(x, [1, 1, 0, 1], [1, 2, -1, 2])],
  ["strided slice", (x) => tf.stridedSlice(x, [0, 0, 4, 0], [2, 4, -6, 3], [1, 2, -2, 1])],
  ["strided slice with masks", (x) => tf.stridedSlice(x, [0, 1, 1], [1, 3, 2], [1, 1, 1], 1, 2, 0, 0, 4)],
  ["reverse", (x) => tf.reverse(x, [1, -1])],
  ["concat 0", (x) => tf.concat([x, tf.mul(x, 2)], 0)],
  ["concat -1", (x) => tf.concat([x, tf.mul(x, 2), tf.slice(x, [0, 0, 0, 1], [-1, -1, -1, 1])], -1)],
  ["stack", (x) => tf.stack([tf.mean(x, 3), tf.max(x, 3)], 3)],
  ["stack of rank 4", (x) => tf.stack([x, tf.mul(x, x)], 2)],
  ["unstack", (x) => tf.unstack(x, 1)[2]!],
  ["unstack the last", (x) => tf.add(tf.unstack(x, -1)[0]!, tf.unstack(x, -1)[2]!)],
  ["split evenly", (x) => tf.mul(tf.split(x, 2, 1)[0]!, tf.split(x, 2, 1)[1]!)],
  ["split by sizes", (x) => tf.split(x, [1, 3, 1], 2)[1]!],
  ["tile", (x) => tf.tile(x, [2, 1, 3, 2])],
  ["broadcast", (x) => tf.broadcastTo(tf.mean(x, [1, 2], true), [2, 3, 6, 3])],
  [
    "pad",
    (x) =>
      tf.pad(
        x,
        [
          [0, 1],
          [2, 0],
          [1, 1],
          [0, 3],
        ],
        0.5,
      ),
  ],
  [
    "zero padding of images",
    (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
  ],
  [
    "fill, ones, zeros, range",
    (x) => tf.add(x, tf.mul(tf.fill([4, 5, 1], 2), tf.add(tf.range(0, 3), tf.ones([3])))),
  ],
  ["outer product", (x) => tf.outerProduct(tf.range(1, 5), tf.mean(x, [0, 1, 2]) as tf.Tensor1D)],
];

describe("functions that move elements", () => {
  sweep(
    functions.flatMap(([name, f]): SweepCase[] => [
      { name, inputs: [image], f: (x) => f(x!) },
      {
        name: `${name}, of a value stored NCHW`,
        inputs: [image],
        f: (x) => f(stored(x)),
      },
      {
        name: `${name}, of a value not yet broadcast`,
        inputs: [float("x", 2, 1, 5, 1)],
        f: (x) => f(tf.mul(x!, tf.ones([2, 4, 5, 3]))),
      },
    ]),
    ["cpu"],
  );
  sweep([
    ...(["reflect", "symmetric"] as const).map((mode): SweepCase => ({
      name: `mirror padding, ${mode}`,
      inputs: [float("x", 4, 5)],
      f: (x) =>
        tf.mirrorPad(
          x!,
          [
            [2, 1],
            [0, 3],
          ],
          mode,
        ),
      hasGradient: false,
    })),
    {
      name: "integers",
      inputs: [int("i", 3, 4)],
      f: (i) =>
        tf.tile(
          tf.pad(
            i!,
            [
              [1, 0],
              [0, 2],
            ],
            7,
          ),
          [2, 2],
        ),
      hasGradient: false,
    },
    {
      name: "a new axis",
      inputs: [image],
      f: (x) => tf.stridedSlice(x!, [0, 0], [1, 2], [1, 1], 0, 0, 0, 2),
      hasGradient: false,
    },
    {
      name: "space to batch, with padding",
      inputs: [float("x", 2, 3, 5, 3)],
      f: (x) =>
        tf.spaceToBatchND(
          x!,
          [2, 3],
          [
            [1, 0],
            [0, 1],
          ],
        ),
    },
    {
      name: "batch to space, with crops",
      inputs: [float("x", 12, 2, 2, 3)],
      f: (x) =>
        tf.batchToSpaceND(
          x!,
          [2, 3],
          [
            [1, 0],
            [0, 1],
          ],
        ),
    },
  ]);
});
