import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float, int } from "../testing/agreement.ts";
import { sweep } from "../testing/sweep.ts";

const variance = { v: Float32Array.of(0.5, 1, 2) };

describe("normalisation", () => {
  sweep([
    { name: "softmax", inputs: [float("x", 3, 4)], f: (x) => tf.softmax(x!) },
    { name: "softmax over channels", inputs: [float("x", 2, 3, 3, 4)], f: (x) => tf.softmax(tf.mul(x!, x!)) },
    { name: "log-softmax", inputs: [float("x", 3, 4)], f: (x) => tf.logSoftmax(x!) },
    {
      name: "softmax cross-entropy with label smoothing",
      inputs: [float("x", 4, 3), int("i", 4)],
      f: (x, i) => tf.losses.softmaxCrossEntropy(tf.oneHot(i!, 3), x!, undefined, 0.1),
      values: { i: Int32Array.of(0, 2, 1, 1) },
      hasGradient: false,
    },
    {
      name: "softmax cross-entropy, gradient by logits",
      inputs: [float("x", 4, 3)],
      f: (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 2, 1, 1], "int32"), 3), x!),
    },
    {
      name: "sigmoid cross-entropy",
      inputs: [float("x", 4, 3)],
      f: (x) => tf.losses.sigmoidCrossEntropy(tf.oneHot(tf.tensor1d([0, 2, 1, 1], "int32"), 3), x!),
    },
    {
      name: "batch norm of images with given statistics",
      inputs: [float("x", 2, 4, 5, 3), float("m", 3), float("v", 3), float("o", 3), float("s", 3)],
      f: (x, m, v, ...[o, s]) =>
        tf.batchNorm(x!, m as tf.Tensor1D, v as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D, 0.01),
      values: variance,
    },
    {
      name: "batch norm of rows, without scale and offset",
      inputs: [float("x", 5, 3), float("m", 3), float("v", 3)],
      f: (x, m, v) => tf.batchNorm(x!, m as tf.Tensor1D, v as tf.Tensor1D, undefined, undefined, 0.1),
      values: variance,
      hasGradient: false,
    },
  ]);
});
