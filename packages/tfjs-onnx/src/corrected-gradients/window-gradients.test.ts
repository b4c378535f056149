import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float } from "../testing/agreement.ts";
import { sweepSlopes, type SweepCase } from "../testing/sweep.ts";

type Pad =
  "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];
type Pair = [number, number];

const uneven: Pad = [
  [0, 0],
  [1, 2],
  [0, 2],
  [0, 0],
];

describe("gradients of dilated convolutions", () => {
  const geometries: readonly [kernel: Pair, dilation: Pair, pad: Pad][] = [
    [[3, 3], [2, 2], "same"],
    [[3, 2], [2, 3], "same"],
    [[2, 3], [3, 1], "valid"],
    [[2, 2], [2, 2], 3],
    [[2, 3], [1, 2], uneven],
    [[1, 4], [1, 2], "valid"],
  ];
  sweepSlopes(
    geometries.flatMap(([kernel, dilation, pad]): SweepCase[] => {
      const title = `${kernel.join("×")}, dilation ${dilation.join("×")}, pad ${JSON.stringify(pad)}`;
      return [
        {
          name: `dense ${title}`,
          inputs: [float("x", 2, 7, 8, 2), float("w", ...kernel, 2, 3)],
          f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad, "NHWC", dilation),
          tolerance: 2e-5,
        },
        ...[1, 2].map((multiplier): SweepCase => ({
          name: `depthwise ${title}, multiplier ${multiplier}`,
          inputs: [float("x", 2, 7, 8, 2), float("w", ...kernel, 2, multiplier)],
          f: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad, "NHWC", dilation),
          tolerance: 2e-5,
        })),
      ];
    }),
    ["cpu"],
  );
  sweepSlopes([
    {
      name: "dense, NCHW",
      inputs: [float("x", 1, 2, 5, 6), float("w", 2, 2, 2, 3)],
      f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NCHW", [2, 2]),
    },
    {
      name: "one-dimensional",
      inputs: [float("x", 2, 8, 3), float("w", 3, 3, 4)],
      f: (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 1, "same", "NWC", 2),
    },
    {
      name: "separable",
      inputs: [float("x", 1, 7, 7, 2), float("w", 3, 3, 2, 2), float("v", 1, 1, 4, 3)],
      f: (x, w, v) =>
        tf.separableConv2d(x as tf.Tensor4D, w as tf.Tensor4D, v as tf.Tensor4D, 1, "same", [2, 2]),
      tolerance: 2e-5,
    },
  ]);
});

describe("gradients of windows whose number is rounded", () => {
  sweepSlopes(
    (["floor", "round", "ceil"] as const).flatMap((mode): SweepCase[] => [
      {
        name: `dense convolution, ${mode}`,
        inputs: [float("x", 2, 8, 7, 2), float("w", 3, 2, 2, 3)],
        f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 3, 1, "NHWC", 1, mode),
      },
      {
        name: `depthwise convolution, ${mode}`,
        inputs: [float("x", 2, 8, 7, 2), float("w", 3, 2, 2, 2)],
        f: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 3, 1, "NHWC", 1, mode),
      },
      {
        name: `greatest of a window, ${mode}`,
        inputs: [float("x", 2, 6, 7, 2)],
        f: (x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 1, mode),
      },
      {
        name: `mean of a window, ${mode}`,
        inputs: [float("x", 2, 6, 7, 2)],
        f: (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 1, mode),
      },
    ]),
    ["cpu"],
  );
});

describe("gradients of means that leave padding out", () => {
  const geometries: readonly [kernel: Pair, stride: Pair, pad: Pad][] = [
    [[2, 2], [2, 2], "same"],
    [[3, 3], [1, 1], "same"],
    [[3, 2], [2, 3], "same"],
    [[3, 3], [2, 2], 1],
    [[3, 3], [2, 2], uneven],
    [[5, 7], [1, 2], "same"],
    [[2, 1], [3, 3], "valid"],
  ];
  sweepSlopes(
    geometries.map(([kernel, stride, pad]): SweepCase => ({
      name: `${kernel.join("×")}, stride ${stride.join("×")}, pad ${JSON.stringify(pad)}`,
      inputs: [float("x", 2, 5, 6, 2)],
      f: (x) => tf.avgPool(x as tf.Tensor4D, kernel, stride, pad),
    })),
  );
});

describe("gradients of resizing", () => {
  const samplings: readonly [string, boolean, boolean][] = [
    ["asymmetric", false, false],
    ["aligned corners", true, false],
    ["half pixels", false, true],
  ];
  sweepSlopes(
    samplings.flatMap(([name, ...sampling]) =>
      (
        [
          [7, 3],
          [1, 9],
          [4, 5],
        ] as [number, number][]
      ).flatMap((size): SweepCase[] => [
        {
          name: `bilinear to ${size.join("×")}, ${name}`,
          inputs: [float("x", 2, 4, 5, 2)],
          f: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, ...sampling),
        },
        {
          name: `nearest to ${size.join("×")}, ${name}`,
          inputs: [float("x", 2, 4, 5, 2)],
          f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, ...sampling),
        },
      ]),
    ),
    ["cpu"],
  );
});
