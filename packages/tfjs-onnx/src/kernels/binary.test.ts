import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { bool, float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const functions: readonly [string, Binary][] = [
  ["add", tf.add],
  ["sub", tf.sub],
  ["mul", tf.mul],
  ["div", tf.div],
  ["maximum", tf.maximum],
  ["minimum", tf.minimum],
  ["squared difference", tf.squaredDifference],
  ["mod", tf.mod],
  ["atan2", tf.atan2],
  ["prelu", (a, b) => tf.prelu(a, b)],
  ["add many", (a, b) => tf.addN([tf.mul(a, b), tf.add(a, b), tf.sub(a, b)])],
];

const shapes: readonly [string, readonly number[], readonly number[]][] = [
  ["equal shapes", [2, 3], [2, 3]],
  ["a row", [2, 3, 4], [4]],
  ["a column", [2, 3, 4], [3, 1]],
  ["both ways", [2, 1, 4], [3, 1]],
  ["a scalar", [2, 3], []],
  ["rank 5", [2, 1, 3, 1, 2], [2, 1, 4, 1]],
];

/** Both operands behind a convolution, so that they are stored NCHW where the shape is [1, 4, 4, 3]. */
const filter = (): tf.Tensor4D => tf.tensor4d([1, 0.2, 0, 0, 1, 0.3, 0.1, 0, 1], [1, 1, 3, 3]);
const stored = (x: tf.Tensor | undefined): tf.Tensor4D => tf.conv2d(x as tf.Tensor4D, filter(), 1, "same");

const imageShapes: readonly [string, readonly number[]][] = [
  ["the same", [2, 4, 5, 3]],
  ["channels", [3]],
  ["channels, rank 4", [1, 1, 1, 3]],
  ["image and channels", [2, 1, 1, 3]],
  ["pixels", [2, 4, 5, 1]],
  ["rows and channels", [4, 1, 3]],
  ["columns and channels", [5, 3]],
  ["a scalar", []],
  ["a scalar of rank 4", [1, 1, 1, 1]],
];

describe("functions of two tensors", () => {
  sweep(
    functions.flatMap(([name, f]) =>
      shapes.map(([shapeName, a, b]): SweepCase => ({
        name: `${name} with ${shapeName}`,
        inputs: [float("a", ...a), float("b", ...b)],
        f: (x, y) => f(x!, y!),
        // tf.prelu broadcasts its slopes, not its operand.
        hasGradient: name !== "prelu" || !["both ways", "rank 5"].includes(shapeName),
        tolerance: name === "div" || name === "mod" || name === "atan2" ? 1e-4 : 1e-5,
      })),
    ),
    ["cpu"],
  );
  sweep(
    imageShapes.flatMap(([name, shape]): SweepCase[] => [
      {
        name: `a stored image and ${name}`,
        inputs: [float("a", 2, 4, 5, 3), float("b", ...shape)],
        f: (a, b) => tf.mul(tf.add(stored(a), b!), tf.sub(b!, stored(a))),
      },
    ]),
  );
  sweep([
    {
      name: "powers",
      inputs: [float("a", 6), float("b", 6)],
      f: (a, b) =>
        tf.stack([
          tf.pow(a!, b!),
          tf.pow(a!, 2),
          tf.pow(a!, 0.5),
          tf.pow(a!, 1),
          tf.pow(a!, 3),
          tf.pow(a!, -1),
        ]),
      values: { a: Float32Array.of(0.2, 0.5, 1, 1.5, 2, 3), b: Float32Array.of(-1, 0, 0.5, 1, 2, 3) },
      tolerance: 3e-5,
    },
    {
      name: "integer arithmetic",
      inputs: [int("a", 12), int("b", 12)],
      f: (a, b) =>
        tf.stack([
          tf.add(a!, b!),
          tf.sub(a!, b!),
          tf.mul(a!, b!),
          tf.floorDiv(a!, b!),
          tf.maximum(a!, b!),
          tf.mod(a!, b!),
        ]),
      values: {
        a: Int32Array.of(7, -7, 7, -7, 6, -6, 0, 1, -1, 5, 9, -9),
        b: Int32Array.of(2, 2, -2, -2, 3, 3, 5, -7, 7, 5, -4, -4),
      },
      hasGradient: false,
    },
    {
      name: "floor division of floats",
      inputs: [float("a", 8), float("b", 8)],
      f: (a, b) => tf.floorDiv(a!, b!),
      hasGradient: false,
    },
    {
      name: "comparisons of floats, some equal",
      inputs: [float("a", 5), float("b", 5)],
      f: (a, b) =>
        tf.stack(
          [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual].map((compare) =>
            tf.cast(compare(a!, b!), "int32"),
          ),
        ),
      values: { a: Float32Array.of(1, 2, 3, 0, -1), b: Float32Array.of(1, 3, 2, 0, 1) },
      hasGradient: false,
    },
    {
      name: "comparisons of integers",
      inputs: [int("a", 9), int("b", 9)],
      f: (a, b) => tf.logicalAnd(tf.lessEqual(a!, b!), tf.logicalOr(tf.equal(a!, b!), tf.notEqual(a!, 0))),
      hasGradient: false,
    },
    {
      name: "logic",
      inputs: [bool("a", 8), bool("b", 8)],
      f: (a, b) => tf.logicalXor(a!, tf.logicalOr(b!, tf.logicalAnd(a!, b!))),
      hasGradient: false,
    },
    {
      name: "where with a broadcast condition",
      inputs: [bool("c", 3, 1), float("a", 3, 4), float("b", 4)],
      f: (c, a, b) => tf.where(c!, a!, b!),
    },
    {
      name: "where of mixed dtypes and of truth values",
      inputs: [bool("c", 3, 4), int("i", 3, 4), float("a", 4), bool("b", 3, 1)],
      f: (c, i, a, b) =>
        tf.add(tf.where(c!, i!, a!), tf.cast(tf.where(c!, b!, tf.logicalNot(c!)), "float32")),
      hasGradient: false,
    },
    {
      name: "mixed dtypes",
      inputs: [int("i", 3), float("a", 2, 3)],
      f: (i, a) => tf.mul(tf.add(i!, a!), tf.sub(i!, 1)),
    },
  ]);
});
