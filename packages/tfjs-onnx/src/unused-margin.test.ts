import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float } from "./testing/agreement.ts";
import { sweep, sweepSlopes, type SweepCase } from "./testing/sweep.ts";

type Pair = [number, number];

const geometries: readonly [kernel: Pair, stride: Pair, pad: number][] = [
  [[4, 2], [1, 1], 1],
  [[4, 2], [1, 1], 0],
  [[2, 4], [1, 1], 1],
  [[3, 2], [3, 2], 1],
  [[3, 3], [3, 1], 1],
];

const title = ([kernel, stride, pad]: (typeof geometries)[number]): string =>
  `${kernel.join("×")}, stride ${stride.join("×")}, pad ${pad}`;

/** tfjs then works out the width of the result from the height and the vertical stride of the window. */
describe("a number as padding of windows that are not square", () => {
  sweepSlopes(
    geometries.flatMap((geometry): SweepCase[] => {
      const [kernel, stride, pad] = geometry;
      const inputs = [float("x", 2, 8, 9, 2)];
      return [
        {
          name: `dense convolution ${title(geometry)}`,
          inputs: [...inputs, float("w", ...kernel, 2, 3)],
          f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad, "NHWC", 1, "floor"),
        },
        {
          name: `depthwise convolution ${title(geometry)}`,
          inputs: [...inputs, float("w", ...kernel, 2, 2)],
          f: (x, w) =>
            tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad, "NHWC", 1, "floor"),
        },
        ...(kernel[0] < kernel[1]
          ? []
          : [
              {
                name: `greatest of ${title(geometry)}`,
                inputs,
                f: (x?: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, kernel, stride, pad, "floor"),
              },
              {
                name: `mean of ${title(geometry)}`,
                inputs,
                f: (x?: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, kernel, stride, pad, "floor"),
              },
            ]),
      ];
    }),
    ["cpu"],
  );
  sweep([
    {
      name: "NCHW",
      inputs: [float("x", 2, 2, 8, 9), float("w", 4, 2, 2, 3)],
      f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 1, "NCHW"),
    },
    {
      name: "fused with an activation",
      inputs: [float("x", 2, 8, 9, 2), float("w", 4, 2, 2, 3), float("b", 3)],
      f: (x, w, b) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: w as tf.Tensor4D,
          strides: 1,
          pad: 1,
          bias: b!,
          activation: "relu",
        }),
    },
  ]);
});
