import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { bool, float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const wide = Float32Array.of(-3.2, -1, -0.5, 0, 0.25, 0.5, 1.5, 2.5, 3.5, -2.5, 7, 11);
const positive = Float32Array.of(0.01, 0.1, 0.5, 0.9, 1, 1.5, 2, 3, 5, 8, 20, 100);
const unit = Float32Array.of(-0.95, -0.7, -0.5, -0.2, -0.01, 0.02, 0.1, 0.3, 0.5, 0.6, 0.8, 0.97);
const aboveOne = Float32Array.of(1.1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 9, 12);
const tiny = Float32Array.of(1e-7, -1e-7, 1e-5, -1e-5, 1e-3, -1e-3, 0.1, -0.1, 0.9, -0.9, 3, 20);

const functions: readonly [string, (x: tf.Tensor) => tf.Tensor, Float32Array][] = [
  ["abs", tf.abs, wide],
  ["acos", tf.acos, unit],
  ["acosh", tf.acosh, aboveOne],
  ["asin", tf.asin, unit],
  ["asinh", tf.asinh, wide],
  ["atan", tf.atan, wide],
  ["atanh", tf.atanh, unit],
  ["ceil", tf.ceil, wide],
  ["clip", (x) => tf.clipByValue(x, -0.7, 2), wide],
  ["cos", tf.cos, wide],
  ["cosh", tf.cosh, unit],
  ["elu", tf.elu, wide],
  ["erf", tf.erf, wide],
  ["exp", tf.exp, unit],
  ["expm1", tf.expm1, tiny],
  ["floor", tf.floor, wide],
  ["leaky relu 0.3", (x) => tf.leakyRelu(x, 0.3), wide],
  ["log", tf.log, positive],
  ["log1p", tf.log1p, tiny],
  ["neg", tf.neg, wide],
  ["reciprocal", tf.reciprocal, positive],
  ["relu", tf.relu, wide],
  ["relu6", tf.relu6, wide],
  ["round, half to even", tf.round, wide],
  ["rsqrt", tf.rsqrt, positive],
  ["selu", tf.selu, wide],
  ["sigmoid", tf.sigmoid, wide],
  ["sign", tf.sign, wide],
  ["sin", tf.sin, wide],
  ["sinh", tf.sinh, unit],
  ["softplus", tf.softplus, wide],
  ["sqrt", tf.sqrt, positive],
  ["square", tf.square, wide],
  ["step with alpha", (x) => tf.step(x, 0.4), wide],
  ["step", (x) => tf.step(x), wide],
  ["swish", (x) => tf.mul(x, tf.sigmoid(x)), wide],
  ["tan", tf.tan, unit],
  ["tanh", tf.tanh, wide],
  ["to int32 and back", (x) => tf.cast(tf.cast(x, "int32"), "float32"), wide],
  ["ones and zeros like", (x) => tf.add(tf.onesLike(x), tf.zerosLike(x)), wide],
];

const relative = (values: Float32Array): number => (values === positive || values === aboveOne ? 2e-5 : 1e-5);

describe("functions of one tensor", () => {
  sweep(
    functions.map(([name, f, values]): SweepCase => ({
      name,
      inputs: [float("x", 3, 4)],
      f: (x) => f(x!),
      values: { x: values },
      tolerance: relative(values),
    })),
    ["cpu"],
  );
  sweep([
    {
      name: "is NaN, is infinite, is finite",
      inputs: [float("x", 5)],
      f: (x) => tf.stack([tf.isNaN(x!), tf.isInf(x!), tf.isFinite(x!)].map((flag) => tf.cast(flag, "int32"))),
      values: { x: Float32Array.of(1, NaN, Infinity, -Infinity, 0) },
      hasGradient: false,
    },
    {
      name: "small integers",
      inputs: [int("i", 7)],
      f: (i) => tf.stack([tf.abs(i!), tf.neg(i!), tf.relu(i!), tf.sign(i!), tf.square(i!)]),
      hasGradient: false,
    },
    { name: "logical not", inputs: [bool("b", 6)], f: (b) => tf.logicalNot(b!), hasGradient: false },
    { name: "cast to bool", inputs: [int("i", 6)], f: (i) => tf.cast(i!, "bool"), hasGradient: false },
    {
      name: "clip of integers",
      inputs: [int("i", 9)],
      f: (i) => tf.clipByValue(i!, -1, 2),
      hasGradient: false,
    },
  ]);
});
