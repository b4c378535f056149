import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { crossEntropy, crossEntropyOf, oneHotOf, smoothTargets } from "./loss.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const logits = Float32Array.of(2, -1, 0.5, 300, -300, 0);
const labels = [1, 0];

it("is −log of the softmax of the right class, averaged, even for huge logits", () => {
  const first = -Math.log(Math.exp(-1) / (Math.exp(2) + Math.exp(-1) + Math.exp(0.5)));
  const expected = (first + 0) / 2;
  const targets = tf.tensor2d(oneHotOf(labels, 3), [2, 3]);
  expect(crossEntropy(tf.tensor2d(logits, [2, 3]), targets).dataSync()[0]).toBeCloseTo(expected, 6);
  expect(crossEntropyOf(logits, labels, 3)).toBeCloseTo(expected, 6);
});

it("has the gradient (softmax − target) / B, also for smoothed targets", () => {
  const z = tf.tensor2d(logits, [2, 3]);
  const targets = smoothTargets(tf.tensor2d(oneHotOf(labels, 3), [2, 3]), 0.3);
  expect([...targets.dataSync()].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
    0.1, 0.8, 0.1, 0.8, 0.1, 0.1,
  ]);
  const gradient = tf
    .grad((x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, targets))(z)
    .dataSync();
  const expected = tf.div(tf.sub(tf.softmax(z), targets), 2).dataSync();
  gradient.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
});

it.each([2, -1, 0.5])("refuses the label %d among two classes", (label) => {
  expect(() => oneHotOf([label], 2)).toThrow(RangeError);
});
