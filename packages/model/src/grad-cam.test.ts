import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { gradCam } from "./grad-cam.ts";

const [batch, side, channels] = [2, 3, 4];
const random = createRandom(6);
const activation = Float32Array.from({ length: batch * side * side * channels }, () => random.normal());
const kernel = Float32Array.from({ length: channels * 2 }, () => random.normal());

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** A tail that is not linear in the activation. */
const tail = (x: tf.Tensor4D): tf.Tensor2D =>
  tf.matMul(tf.mean<tf.Tensor2D>(tf.mul(x, tf.sigmoid(x)), [1, 2]), tf.tensor2d(kernel, [channels, 2]));

function mapsOf(classWeights: number[], rest = tail): number[] {
  const maps = tf.tidy(() =>
    gradCam(tf.tensor4d(activation, [batch, side, side, channels]), rest, tf.tensor1d(classWeights)),
  );
  const values = [...maps.dataSync()];
  maps.dispose();
  return values;
}

/** Eq. 13 with the derivative of `tail` written out. */
function naiveMaps(classIndex: number): number[] {
  const result: number[] = [];
  const cells = side * side;
  for (let b = 0; b < batch; b++) {
    const value = (cell: number, k: number) => activation[(b * cells + cell) * channels + k]!;
    const alpha = Array.from({ length: channels }, (_, k) => {
      let total = 0;
      for (let cell = 0; cell < cells; cell++) {
        const a = value(cell, k);
        const s = 1 / (1 + Math.exp(-a));
        total += ((s + a * s * (1 - s)) * kernel[k * 2 + classIndex]!) / cells;
      }
      return total / cells;
    });
    for (let cell = 0; cell < cells; cell++) {
      result.push(
        Math.max(
          0,
          alpha.reduce((sum, weight, k) => sum + weight * value(cell, k), 0),
        ),
      );
    }
  }
  return result;
}

it.each([0, 1])("equals equation 13 written out, for class %d", (classIndex) => {
  const actual = mapsOf(classIndex === 0 ? [1, 0] : [0, 1]);
  naiveMaps(classIndex).forEach((expected, index) => expect(actual[index]).toBeCloseTo(expected, 6));
  expect(Math.min(...actual)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...actual)).toBeGreaterThan(0);
});

it("is zero where the class does not depend on the activation", () => {
  const constant = (x: tf.Tensor4D): tf.Tensor2D => tf.mul(tail(x), 0);
  expect(Math.max(...mapsOf([0, 1], constant))).toBe(0);
  expect(Math.max(...mapsOf([0, 0]))).toBe(0);
});
