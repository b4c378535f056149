import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { batchNormTraining } from "./batch-norm.ts";
import { swish } from "./swish.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const random = createRandom(12);
const normals = (shape: number[], shift = 0) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => shift + random.normal()),
    shape,
  );
const epsilon = 1e-3;

function largestDifference(actual: tf.Tensor, expected: tf.Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  return tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!;
}

describe("batchNormTraining", () => {
  const naive = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon))), gamma), beta);
  };
  const ours = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
    batchNormTraining(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, epsilon).value;
  const inputs = [normals([3, 4, 5, 6], 2), normals([6], 1), normals([6])];
  const upstream = normals([3, 4, 5, 6]);

  it("normalises with the batch's own mean and variance and reports them", () => {
    const [x, gamma, beta] = inputs as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    const { statistics, value } = batchNormTraining(x, gamma, beta, epsilon);
    expect(largestDifference(value, naive(x, gamma, beta))).toBeLessThan(1e-5);
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    expect(largestDifference(statistics.mean, mean)).toBeLessThan(1e-5);
    expect(largestDifference(statistics.variance, variance)).toBeLessThan(1e-5);
  });

  it("has the gradient that tfjs derives from the definition", () => {
    const weighted =
      (f: typeof naive) =>
      (...args: tf.Tensor[]): tf.Scalar =>
        tf.sum(tf.mul(f(args[0]!, args[1]!, args[2]!), upstream));
    const actual = tf.grads(weighted(ours))(inputs);
    const expected = tf.grads(weighted(naive))(inputs);
    actual.forEach((gradient, index) => {
      expect(largestDifference(gradient, expected[index]!)).toBeLessThan(2e-5);
    });
  });
});

it("swish has the value and gradient of x · sigmoid(x)", () => {
  const x = normals([50]);
  const upstream = normals([50]);
  expect(largestDifference(swish(x), tf.mul(x, tf.sigmoid(x)))).toBeLessThan(1e-5);
  const actual = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(swish(t), upstream)))(x);
  const expected = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(tf.mul(t, tf.sigmoid(t)), upstream)))(x);
  expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
});
