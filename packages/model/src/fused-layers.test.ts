import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { batchNormTraining } from "./batch-norm.ts";
import { depthwiseBatchNormTraining } from "./depthwise-batch-norm.ts";
import { gatedPointwise } from "./gated-pointwise.ts";
import { pointwiseBatchNormTraining } from "./pointwise-batch-norm.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const random = createRandom(5);
const normals = (shape: number[], shift = 0) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => shift + random.normal()),
    shape,
  );
const epsilon = 1e-3;
type Layer = (...inputs: tf.Tensor[]) => ReturnType<typeof batchNormTraining>;

const naive: Layer = (x, kernel, gamma, beta) =>
  batchNormTraining(
    tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, "valid"),
    gamma as tf.Tensor1D,
    beta as tf.Tensor1D,
    epsilon,
  );
const folded: Layer = (x, kernel, gamma, beta) =>
  pointwiseBatchNormTraining(
    x as tf.Tensor4D,
    { kernel: kernel as tf.Tensor4D, gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D },
    epsilon,
  );

/** Largest difference as a share of the largest value; infinite where the shapes differ. */
function gap(actual: tf.Tensor, expected: tf.Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  const scale = Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]!);
  return tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]! / scale;
}

const largestGap = (actual: readonly tf.Tensor[], expected: readonly tf.Tensor[]): number =>
  Math.max(...expected.map((tensor, index) => gap(actual[index]!, tensor)));

describe("pointwiseBatchNormTraining", () => {
  const inputs = [normals([3, 4, 5, 4], 1.5), normals([1, 1, 4, 12]), normals([12], 1), normals([12])];
  const upstream = normals([3, 4, 5, 12], 0.3);

  it("gives the value and the statistics of a convolution and its batch normalisation", () => {
    const [actual, expected] = [folded(...inputs), naive(...inputs)];
    expect(gap(actual.value, expected.value)).toBeLessThan(1e-5);
    expect(gap(actual.statistics.mean, expected.statistics.mean)).toBeLessThan(1e-6);
    expect(gap(actual.statistics.variance, expected.statistics.variance)).toBeLessThan(1e-5);
  });

  it("has their gradient in the input, the kernel, the scale and the shift", () => {
    const weighted =
      (layer: Layer) =>
      (...args: tf.Tensor[]): tf.Scalar =>
        tf.sum(tf.mul(layer(...args).value, upstream));
    const actual = tf.grads(weighted(folded))(inputs);
    const expected = tf.grads(weighted(naive))(inputs);
    expect(largestGap(actual, expected)).toBeLessThan(2e-5);
  });
});

describe.each([
  { stride: 1, padding: "same" },
  { stride: 2, padding: "same" },
  { stride: 2, padding: 1 },
] as const)("depthwiseBatchNormTraining with stride $stride and padding $padding", (window) => {
  const inputs = [normals([2, 6, 7, 4], 1), normals([3, 3, 4, 1]), normals([4], 1), normals([4])];
  const byDefinition: Layer = (x, kernel, gamma, beta) =>
    batchNormTraining(
      tf.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, window.stride, window.padding),
      gamma as tf.Tensor1D,
      beta as tf.Tensor1D,
      epsilon,
    );
  const ours: Layer = (x, kernel, gamma, beta) =>
    depthwiseBatchNormTraining(
      x as tf.Tensor4D,
      {
        kernel: kernel as tf.Tensor4D,
        gamma: gamma as tf.Tensor1D,
        beta: beta as tf.Tensor1D,
        window,
      },
      epsilon,
    );

  it("gives the value, the statistics and the gradients of its two layers", () => {
    const [actual, expected] = [ours(...inputs), byDefinition(...inputs)];
    expect(gap(actual.value, expected.value)).toBeLessThan(1e-5);
    expect(gap(actual.statistics.mean, expected.statistics.mean)).toBeLessThan(1e-6);
    expect(gap(actual.statistics.variance, expected.statistics.variance)).toBeLessThan(1e-5);
    const upstream = normals(expected.value.shape, 0.3);
    const gradients = (layer: Layer) =>
      tf.grads((...args: tf.Tensor[]) => tf.sum(tf.mul(layer(...args).value, upstream)) as tf.Scalar)(inputs);
    expect(largestGap(gradients(ours), gradients(byDefinition))).toBeLessThan(2e-5);
  });
});

it("gatedPointwise is the convolution of the gated channels, in value and gradients", () => {
  const inputs = [normals([3, 4, 2, 5]), normals([3, 1, 1, 5]), normals([1, 1, 5, 7])];
  const byDefinition = (x: tf.Tensor, gate: tf.Tensor, kernel: tf.Tensor): tf.Tensor =>
    tf.conv2d(tf.mul(x, gate), kernel as tf.Tensor4D, 1, "valid");
  const ours = (x: tf.Tensor, gate: tf.Tensor, kernel: tf.Tensor): tf.Tensor =>
    gatedPointwise(x as tf.Tensor4D, gate as tf.Tensor4D, kernel as tf.Tensor4D);
  const upstream = normals([3, 4, 2, 7]);
  const results = (f: typeof ours) =>
    tf.grads(
      (...args: tf.Tensor[]) => tf.sum(tf.mul(f(args[0]!, args[1]!, args[2]!), upstream)) as tf.Scalar,
    )(inputs);
  expect(largestGap(results(ours), results(byDefinition))).toBeLessThan(1e-5);
});
