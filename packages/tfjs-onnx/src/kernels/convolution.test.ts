import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { float, linearGradientGap } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Attributes = Record<string, number | number[] | string>;
type Pad =
  "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];

const explicit: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

const geometries: readonly {
  kernel: [number, number];
  stride: [number, number];
  pad: Pad;
  size?: [number, number];
}[] = [
  { kernel: [1, 1], stride: [1, 1], pad: "same" },
  { kernel: [1, 1], stride: [2, 2], pad: "same" },
  { kernel: [1, 1], stride: [2, 3], pad: "valid" },
  { kernel: [1, 1], stride: [1, 1], pad: 1 },
  { kernel: [3, 3], stride: [1, 1], pad: "same" },
  { kernel: [3, 3], stride: [1, 1], pad: "valid" },
  { kernel: [3, 3], stride: [2, 2], pad: "same" },
  { kernel: [3, 3], stride: [2, 2], pad: "same", size: [8, 8] },
  { kernel: [3, 3], stride: [2, 2], pad: "valid", size: [8, 8] },
  { kernel: [5, 5], stride: [2, 2], pad: "same", size: [8, 6] },
  { kernel: [2, 3], stride: [1, 2], pad: "same" },
  { kernel: [3, 2], stride: [3, 1], pad: "valid" },
  { kernel: [3, 3], stride: [1, 1], pad: explicit },
  { kernel: [3, 3], stride: [2, 2], pad: explicit },
  { kernel: [2, 2], stride: [3, 3], pad: "valid", size: [9, 8] },
  { kernel: [1, 1], stride: [3, 3], pad: "same", size: [9, 8] },
  { kernel: [3, 3], stride: [1, 1], pad: 2 },
  { kernel: [7, 7], stride: [1, 1], pad: "same" },
];

const title = ({ kernel, stride, pad, size = [7, 9] }: (typeof geometries)[number]): string =>
  `${kernel.join("×")}, stride ${stride.join("×")}, pad ${JSON.stringify(pad)}, input ${size.join("×")}`;

describe("dense convolution", () => {
  sweep(
    geometries.map((geometry): SweepCase => {
      const { kernel, stride, pad, size = [7, 9] } = geometry;
      return {
        name: title(geometry),
        inputs: [float("x", 2, ...size, 3), float("w", ...kernel, 3, 4)],
        f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad),
      };
    }),
  );
  sweep([
    {
      name: "dilation 2×3 (tfjs has no gradient for it)",
      inputs: [float("x", 2, 9, 9, 3), float("w", 3, 2, 3, 4)],
      f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", [2, 3]),
      hasGradient: false,
    },
    {
      name: "data format NCHW",
      inputs: [float("x", 2, 3, 8, 9), float("w", 3, 2, 3, 4)],
      f: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NCHW"),
      hasGradient: false,
    },
    {
      name: "rounding of the output size down and up",
      inputs: [float("x", 2, 8, 8, 3), float("w", 3, 3, 3, 2)],
      f: (x, w) =>
        tf.concat([
          tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 0, "NHWC", 1, "floor").flatten(),
          tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 1, "NHWC", 1, "floor").flatten(),
        ]),
    },
    {
      name: "transposed convolution",
      inputs: [float("x", 2, 4, 4, 3), float("w", 3, 3, 2, 3)],
      f: (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 8, 8, 2], 2, "same"),
    },
    {
      name: "a chain of two, with bias, between them",
      inputs: [float("x", 2, 8, 8, 3), float("w", 3, 3, 3, 4), float("b", 4), float("v", 1, 1, 4, 5)],
      f: (x, w, b, v) =>
        tf.conv2d(
          tf.sigmoid(tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same"), b!)),
          v as tf.Tensor4D,
          1,
          "same",
        ),
    },
  ]);
});

const square = geometries.filter(({ stride }) => stride[0] === stride[1]);

describe("depthwise convolution", () => {
  sweep(
    square.flatMap((geometry) =>
      [1, 2].map((multiplier): SweepCase => {
        const { kernel, stride, pad, size = [7, 9] } = geometry;
        return {
          name: `${title(geometry)}, multiplier ${multiplier}`,
          inputs: [float("x", 2, ...size, 3), float("w", ...kernel, 3, multiplier)],
          f: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad),
        };
      }),
    ),
  );
  sweep([
    {
      name: "dilation 2",
      inputs: [float("x", 2, 9, 9, 3), float("w", 3, 3, 3, 2)],
      f: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", [2, 2]),
      hasGradient: false,
    },
    {
      name: "separable",
      inputs: [float("x", 2, 9, 9, 3), float("w", 3, 3, 3, 2), float("v", 1, 1, 6, 4)],
      f: (x, w, v) => tf.separableConv2d(x as tf.Tensor4D, w as tf.Tensor4D, v as tf.Tensor4D, 1, "same"),
    },
  ]);
});

/** tfjs differentiates no dilated convolution, but its gradient kernels take dilations. */
describe("gradient kernels of dilated depthwise convolution", () => {
  const geometry = {
    strides: [1, 1],
    pad: "same",
    dilations: [2, 3],
    dimRoundingMode: null,
  } as unknown as Attributes;
  const fixed = (...shape: [number, number, number, number]): tf.Tensor4D =>
    tf.randomNormal(shape, 0, 1, "float32", 7);
  const dilated = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
    tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", [2, 3]);
  const withKernel = (f: Unary, gradient: Unary): Unary =>
    tf.customGrad((x) => ({ value: f(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => gradient(dy) })) as Unary;
  const run = (name: string, inputs: Record<string, tf.Tensor>, more: Attributes): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...geometry, ...more }) as tf.Tensor;

  test.each([1, 2])("are the derivative of the forward kernel, multiplier %i", async (multiplier) => {
    const x = fixed(1, 8, 9, 2);
    const w = fixed(3, 3, 2, multiplier);
    const byInput = withKernel(
      (v) => dilated(v, w),
      (dy) => run("DepthwiseConv2dNativeBackpropInput", { dy, filter: w }, { inputShape: x.shape }),
    );
    const byFilter = withKernel(
      (v) => dilated(x, v),
      (dy) => run("DepthwiseConv2dNativeBackpropFilter", { x, dy }, { filterShape: w.shape }),
    );
    expect(await linearGradientGap(float("x", 1, 8, 9, 2), byInput)).toBeLessThan(1e-5);
    expect(await linearGradientGap(float("x", 3, 3, 2, multiplier), byFilter)).toBeLessThan(1e-5);
  });
});

describe("fused convolution", () => {
  sweep(
    (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const).flatMap(
      (activation): SweepCase[] => {
        const inputs = [float("x", 2, 6, 6, 3), float("b", 4), float("a", 1, 1, 4)];
        const rest = (b: tf.Tensor | undefined, a: tf.Tensor | undefined) => ({
          strides: 1,
          pad: "same" as const,
          bias: b!,
          activation,
          ...(activation === "prelu" ? { preluActivationWeights: a! } : {}),
          ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.3 } : {}),
        });
        return [
          {
            name: `dense with ${activation}`,
            inputs: [...inputs, float("w", 3, 3, 3, 4)],
            f: (x, b, a, w) =>
              tf.fused.conv2d({ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, ...rest(b, a) }),
            hasGradient: false,
          },
          {
            name: `depthwise with ${activation}`,
            inputs: [float("x", 2, 6, 6, 2), float("b", 4), float("a", 1, 1, 4), float("w", 3, 3, 2, 2)],
            f: (x, b, a, w) =>
              tf.fused.depthwiseConv2d({ x: x as tf.Tensor4D, filter: w as tf.Tensor4D, ...rest(b, a) }),
            hasGradient: false,
          },
        ];
      },
    ),
  );
});
