import { fc, test } from "@fast-check/vitest";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect } from "vitest";
import type { TensorSpec } from "./compile.ts";
import { bool, compare, float, int, withGradients } from "./testing/agreement.ts";
import { sweep, type SweepCase } from "./testing/sweep.ts";

const dtypes = ["float32", "int32", "bool"] as const;
const specs = { float32: float, int32: int, bool };
const fractions = Float32Array.of(-2.7, -1, -0.5, 0, 0.4, 1, 2.5, 3.9);

describe("casts", () => {
  sweep(
    dtypes.flatMap((from) =>
      dtypes.map((to): SweepCase => ({
        name: `${from} to ${to}`,
        inputs: [specs[from]("x", 8)],
        f: (x) => tf.cast(x!, to),
        hasGradient: from === "float32" && to === "float32",
        ...(from === "float32" ? { values: { x: fractions } } : {}),
      })),
    ),
  );
});

describe("mixed dtypes", () => {
  const operations: readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
    ["add", tf.add],
    ["sub", tf.sub],
    ["mul", tf.mul],
    ["maximum", tf.maximum],
    ["less", tf.less],
    ["equal", tf.equal],
    ["where", (a, b) => tf.where(tf.cast(a, "bool"), a, b)],
    ["square of the difference", tf.squaredDifference],
  ];
  sweep(
    operations.flatMap(([name, f]) =>
      dtypes.flatMap((first) =>
        dtypes
          .filter((second) => first !== "bool" || second !== "bool")
          .map((second): SweepCase => ({
            name: `${name} of ${first} and ${second}`,
            inputs: [specs[first]("a", 2, 3), specs[second]("b", 3)],
            f: (a, b) => f(a!, b!),
            hasGradient: false,
          })),
      ),
    ),
    ["cpu"],
  );
  sweep([
    {
      name: "signs of remainders and floored quotients",
      inputs: [int("a", 8), int("b", 8)],
      f: (a, b) => tf.stack([tf.mod(a!, b!), tf.floorDiv(a!, b!), tf.div(a!, b!)]),
      values: {
        a: Int32Array.of(7, -7, 7, -7, 6, -6, 0, 1),
        b: Int32Array.of(2, 2, -2, -2, 3, -3, 5, -7),
      },
      hasGradient: false,
    },
    {
      name: "signs of remainders of fractions",
      inputs: [float("a", 6), float("b", 6)],
      f: (a, b) => tf.mod(a!, b!),
      values: {
        a: Float32Array.of(5.5, -5.5, 5.5, -5.5, 2.5, 0.3),
        b: Float32Array.of(3, 3, -3, -3, 0.7, -2),
      },
    },
    {
      name: "angles in all quadrants and on the axes",
      inputs: [float("a", 8), float("b", 8)],
      f: (a, b) => tf.atan2(a!, b!),
      values: {
        a: Float32Array.of(0, 0, 1, -1, 1, -1, 2, -2),
        b: Float32Array.of(1, -1, 0, 0, 1, 1, -1, -1),
      },
      hasGradient: false,
    },
  ]);
});

/** Two shapes of up to six axes that broadcast to one another. */
const broadcastPair = fc
  .array(fc.record({ dim: fc.integer({ min: 1, max: 3 }), keep: fc.constantFrom("both", "a", "b") }), {
    maxLength: 6,
  })
  .chain((axes) =>
    fc.record({
      a: fc.constant(axes.map(({ dim, keep }) => (keep === "b" ? 1 : dim))),
      b: fc.constant(axes.map(({ dim, keep }) => (keep === "a" ? 1 : dim))),
      cut: fc.nat({ max: axes.length }),
      isFirstCut: fc.boolean(),
    }),
  )
  .map(
    ({ a, b, cut, isFirstCut }) =>
      (isFirstCut ? [a.slice(cut), b] : [a, b.slice(cut)]) as [number[], number[]],
  );

const differentiable: readonly ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor)[] = [
  tf.add,
  tf.sub,
  tf.mul,
  tf.maximum,
  tf.minimum,
  tf.squaredDifference,
  (a, b) => tf.div(a, tf.add(tf.square(b), 0.5)),
  (a, b) => tf.pow(tf.add(tf.square(a), 0.5), tf.clipByValue(b, -2, 2)),
  (a, b) => tf.where(tf.greater(a, b), a, tf.mul(a, b)),
];

const ofIntegers: readonly ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor)[] = [
  tf.add,
  tf.mul,
  tf.minimum,
  tf.squaredDifference,
  tf.less,
  tf.notEqual,
  (a, b) => tf.floorDiv(a, tf.add(tf.mul(b, b), tf.scalar(1, "int32"))),
  (a, b) => tf.logicalXor(tf.cast(a, "bool"), tf.cast(b, "bool")),
];

const caseOf = (shapes: readonly [number[], number[]], make: typeof float): TensorSpec[] => [
  make("a", ...shapes[0]),
  make("b", ...shapes[1]),
];

describe("broadcasting", () => {
  test.prop([broadcastPair, fc.constantFrom(...differentiable)], { seed: 7, numRuns: 80 })(
    "of any two shapes of up to six axes agrees in values and gradients",
    async (shapes, f) => {
      const inputs = caseOf(shapes, float);
      const { worst } = await compare({ inputs, run: withGradients(inputs, (a, b) => f(a!, b!)) });
      expect(worst).toBeLessThan(5e-5);
    },
  );

  test.prop([broadcastPair, fc.constantFrom(...ofIntegers)], { seed: 8, numRuns: 60 })(
    "of integers agrees",
    async (shapes, f) => {
      const { worst } = await compare({
        inputs: caseOf(shapes, int),
        run: ({ a, b }) => ({ y: f(a!, b!) }),
      });
      expect(worst).toBe(0);
    },
  );
});
