import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { batchNormTraining } from "./batch-norm.ts";
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

function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]!);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]! / scale).toBeLessThan(tolerance);
}

describe("pointwiseBatchNormTraining", () => {
  const inputs = [normals([3, 4, 5, 4], 1.5), normals([1, 1, 4, 12]), normals([12], 1), normals([12])];
  const upstream = normals([3, 4, 5, 12], 0.3);

  it("gives the value and the statistics of a convolution and its batch normalisation", () => {
    const [actual, expected] = [folded(...inputs), naive(...inputs)];
    expectClose(actual.value, expected.value, 1e-5);
    expectClose(actual.statistics.mean, expected.statistics.mean, 1e-6);
    expectClose(actual.statistics.variance, expected.statistics.variance, 1e-5);
  });

  it("has their gradient in the input, the kernel, the scale and the shift", () => {
    const weighted =
      (layer: Layer) =>
      (...args: tf.Tensor[]): tf.Scalar =>
        tf.sum(tf.mul(layer(...args).value, upstream));
    const actual = tf.grads(weighted(folded))(inputs);
    const expected = tf.grads(weighted(naive))(inputs);
    actual.forEach((gradient, index) => expectClose(gradient, expected[index]!, 2e-5));
  });
});
