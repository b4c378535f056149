import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float } from "./testing/agreement.ts";
import { sweepSlopes, type SweepCase } from "./testing/sweep.ts";

type Pair = [number, number];

const geometries: readonly [
  kernel: Pair,
  stride: Pair,
  pad: "same" | "valid" | number,
  from: Pair,
  to: Pair,
][] = [
  [[3, 3], [2, 2], "same", [4, 4], [7, 8]],
  [[2, 3], [1, 2], "same", [4, 3], [4, 6]],
  [[2, 3], [3, 3], "valid", [3, 4], [8, 12]],
  [[3, 3], [2, 2], "valid", [3, 4], [7, 10]],
  [[3, 3], [2, 2], 1, [4, 4], [7, 7]],
  [[1, 1], [2, 2], "same", [3, 3], [6, 5]],
  [[5, 1], [1, 1], "same", [3, 4], [3, 4]],
];

describe("transposed convolution", () => {
  sweepSlopes(
    geometries.map(([kernel, stride, pad, from, to]): SweepCase => ({
      name: `${kernel.join("×")}, stride ${stride.join("×")}, pad ${pad}, ${from.join("×")} to ${to.join("×")}`,
      inputs: [float("x", 2, ...from, 3), float("w", ...kernel, 2, 3)],
      f: (x, w) =>
        tf.conv2dTranspose(
          x as tf.Tensor4D,
          w as tf.Tensor4D,
          [2, ...to, 2],
          stride,
          pad,
          typeof pad === "number" ? "floor" : undefined,
        ),
    })),
  );
});

/** Where a gradient is wanted tfjs takes the fused operators apart. */
describe("gradients of fused operators", () => {
  sweepSlopes(
    (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const).flatMap(
      (activation): SweepCase[] => {
        const more = (b: tf.Tensor | undefined, a: tf.Tensor | undefined) => ({
          bias: b!,
          activation,
          ...(activation === "prelu" ? { preluActivationWeights: a! } : {}),
          ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.3 } : {}),
        });
        const window = { strides: 1, pad: "same" } as const;
        const slopes = (...shape: number[]) => (activation === "prelu" ? [float("a", ...shape)] : []);
        return [
          {
            name: `dense convolution with ${activation}`,
            inputs: [float("x", 1, 5, 5, 2), float("w", 3, 3, 2, 3), float("b", 3), ...slopes(1, 1, 3)],
            f: (x, w, b, a) =>
              tf.fused.conv2d({ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, ...window, ...more(b, a) }),
          },
          {
            name: `depthwise convolution with ${activation}`,
            inputs: [float("x", 1, 5, 5, 2), float("w", 3, 3, 2, 2), float("b", 4), ...slopes(1, 1, 4)],
            f: (x, w, b, a) =>
              tf.fused.depthwiseConv2d({
                x: x as tf.Tensor4D,
                filter: w as tf.Tensor4D,
                ...window,
                ...more(b, a),
              }),
          },
          {
            name: `matrix product with ${activation}`,
            inputs: [float("x", 3, 4), float("w", 4, 5), float("b", 5), ...slopes(1, 5)],
            f: (x, w, b, a) => tf.fused.matMul({ a: x!, b: w!, ...more(b, a) }),
          },
        ];
      },
    ),
    ["cpu"],
  );
});
