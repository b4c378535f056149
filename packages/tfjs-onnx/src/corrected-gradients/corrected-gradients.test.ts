import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float, int } from "../testing/agreement.ts";
import { sweepSlopes, type SweepCase } from "../testing/sweep.ts";

const flags = [false, true];
const withZeros = Float32Array.from({ length: 24 }, (_, index) => (index % 5 === 0 ? 0 : Math.cos(index)));
const smallIndices = (length: number, below: number): Int32Array =>
  Int32Array.from({ length }, (_, index) => (index * index) % below);

describe("gradients of broadcasts", () => {
  const pairs: readonly [readonly number[], readonly number[]][] = [
    [[3, 4], [4]],
    [
      [3, 1],
      [3, 4],
    ],
    [
      [2, 1, 4],
      [3, 1],
    ],
    [[], [2, 3]],
  ];
  const functions: readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
    ["maximum", tf.maximum],
    ["minimum", tf.minimum],
    ["squared difference", tf.squaredDifference],
  ];
  sweepSlopes(
    functions.flatMap(([name, f]) =>
      pairs.map(([a, b]): SweepCase => ({
        name: `${name} of [${a.join()}] and [${b.join()}]`,
        inputs: [float("a", ...a), float("b", ...b)],
        f: (x, y) => f(x!, y!),
      })),
    ),
    ["cpu"],
  );
  sweepSlopes([
    ...flags.flatMap((transposeA) =>
      flags.map((transposeB): SweepCase => ({
        name: `batches times one matrix${transposeA ? ", first turned" : ""}${transposeB ? ", second turned" : ""}`,
        inputs: [float("a", 2, 2, 3, 3), float("b", 3, 3)],
        f: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
      })),
    ),
    ...(
      [
        [[3], [4]],
        [
          [2, 3],
          [2, 2],
        ],
        [
          [2, 3, 1],
          [3, 1, 2],
        ],
        [
          [1, 1, 1, 3],
          [2, 4, 5, 1],
        ],
        [
          [1, 3, 1, 2, 2],
          [3, 2, 4, 1, 2],
        ],
      ] as const
    ).map(([shape, reps]): SweepCase => ({
      name: `tile of [${shape.join()}] by [${reps.join()}]`,
      inputs: [float("x", ...shape)],
      f: (x) => tf.tile(x!, [...reps]),
    })),
    {
      name: "broadcast to rank 5",
      inputs: [float("x", 1, 2, 1)],
      f: (x) => tf.broadcastTo(x!, [2, 1, 3, 2, 2]),
    },
  ]);
});

describe("gradients of running sums and products", () => {
  sweepSlopes(
    [0, 1, 2].flatMap((axis) =>
      flags.flatMap((exclusive) =>
        flags.flatMap((reverse): SweepCase[] => {
          const title = `along ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`;
          return [
            {
              name: `running sum ${title}`,
              inputs: [float("x", 2, 4, 3)],
              f: (x) => tf.cumsum(x!, axis, exclusive, reverse),
            },
            {
              name: `running product of zeros too ${title}`,
              inputs: [float("x", 2, 4, 3)],
              f: (x) => tf.cumprod(x!, axis, exclusive, reverse),
              values: { x: withZeros },
            },
          ];
        }),
      ),
    ),
    ["cpu"],
  );
  sweepSlopes(
    [[0], [1], [-1], [0, 2], [-2, -1], undefined].map((axes): SweepCase => ({
      name: `product over ${axes?.join() ?? "all axes"}`,
      inputs: [float("x", 2, 3, 2)],
      f: (x) => tf.prod(x!, axes),
    })),
    ["cpu"],
  );
});

describe("gradients of functions that move elements", () => {
  const slices: readonly [string, (x: tf.Tensor) => tf.Tensor][] = [
    ["stride 2", (x) => tf.stridedSlice(x, [0, 1, 0], [4, 6, 3], [1, 2, 1])],
    ["negative strides", (x) => tf.stridedSlice(x, [-1, -2, 2], [-4, 0, -4], [-2, -3, -1])],
    ["a stride that stops short", (x) => tf.stridedSlice(x, [1, 0], [4, 6], [2, 4])],
    ["begin and end masks", (x) => tf.stridedSlice(x, [3, 3], [1, 4], [1, 2], 1, 2)],
    ["an ellipsis", (x) => tf.stridedSlice(x, [3, 0, 2], [0, 0, -4], [-1, 1, -1], 0, 0, 2)],
    ["a new axis", (x) => tf.stridedSlice(x, [0, 0, 1], [1, 2, 5], [1, 1, 3], 0, 0, 0, 2)],
    ["a dropped axis", (x) => tf.stridedSlice(x, [1, 1, 1], [2, 5, 3], [1, 1, 1], 0, 0, 0, 0, 1)],
  ];
  sweepSlopes([
    ...slices.map(([name, f]): SweepCase => ({
      name: `strided slice with ${name}`,
      inputs: [float("x", 4, 6, 3)],
      f: (x) => f(x!),
    })),
    ...(["reflect", "symmetric"] as const).map((mode): SweepCase => ({
      name: `mirror padding, ${mode}`,
      inputs: [float("x", 4, 5, 2)],
      f: (x) => {
        const margins: [number, number][] = [
          [3, 1],
          [0, 4],
          [1, 1],
        ];
        return tf.mirrorPad(x!, margins, mode);
      },
    })),
    {
      name: "parts of a split into one",
      inputs: [float("x", 2, 1, 3)],
      f: (x) => tf.add(tf.unstack(x!, 1)[0]!, tf.reshape(tf.split(x!, 1, 2)[0]!, [2, 3])),
    },
    { name: "diagonal", inputs: [float("x", 3, 2)], f: (x) => tf.diag(x!) },
    {
      name: "turning over",
      inputs: [float("x", 1, 3, 4, 2)],
      f: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
    },
    {
      name: "depth to space",
      inputs: [float("x", 2, 2, 3, 8)],
      f: (x) => tf.depthToSpace(x as tf.Tensor4D, 2),
    },
  ]);
});

describe("gradients of functions with indices", () => {
  sweepSlopes([
    {
      name: "gather by coordinates, one of them twice",
      inputs: [float("x", 4, 5, 2), int("i", 3, 2)],
      f: (x, i) => tf.gatherND(x!, i!),
      values: { i: Int32Array.of(2, 2, 0, 1, 2, 2) },
    },
    {
      name: "scatter by coordinates, twice to one place",
      inputs: [int("i", 3, 1), float("u", 3, 5)],
      f: (i, u) => tf.scatterND(i as tf.Tensor2D, u!, [4, 5]),
      values: { i: Int32Array.of(2, 2, 0) },
    },
    {
      name: "replacement by coordinates",
      inputs: [float("x", 4, 3), int("i", 2, 1), float("u", 2, 3)],
      f: (x, i, u) => tf.tensorScatterUpdate(x!, i as tf.Tensor2D, u!),
      values: { i: Int32Array.of(3, 1) },
    },
    {
      name: "the greatest two",
      inputs: [float("x", 3, 5)],
      f: (x) => tf.topk(x!, 2).values,
    },
    {
      name: "the greatest of one",
      inputs: [float("x", 3, 1)],
      f: (x) => tf.topk(x!, 1).values,
    },
    ...(
      [
        [1, 1],
        [2, 1],
        [2, 2],
        [3, 2],
        [-1, 1],
      ] as const
    ).map(([axis, batchDims]): SweepCase => ({
      name: `gather along ${axis} with ${batchDims} batch axes`,
      inputs: [float("x", 2, 3, 4, 5), int("i", ...(batchDims === 1 ? [2, 4] : [2, 3, 2]))],
      f: (x, i) => tf.gather(x!, i as tf.Tensor2D, axis, batchDims),
      values: { i: smallIndices(batchDims === 1 ? 8 : 12, 3) },
    })),
  ]);
});

describe("gradients of Einstein sums", () => {
  const equations: readonly (readonly [string, number[], number[]?])[] = [
    ["ij,jk->ik", [2, 3], [3, 4]],
    ["bij,bjk->bik", [2, 3, 4], [2, 4, 5]],
    ["bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]],
    ["ijk,jl->il", [2, 3, 4], [3, 5]],
    ["ij,ij->", [2, 3], [2, 3]],
    ["i,j->ij", [2], [3]],
    ["ijk -> ki", [2, 3, 4]],
  ];
  sweepSlopes(
    equations.map(([equation, a, b]): SweepCase => ({
      name: equation,
      inputs: [float("a", ...a), ...(b ? [float("b", ...b)] : [])],
      f: (...operands) => tf.einsum(equation, ...operands),
    })),
  );
});

describe("gradients through conditions", () => {
  const conditions: readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
    ["greater", tf.greater],
    ["greater or equal", tf.greaterEqual],
    ["less", tf.less],
    ["less or equal", tf.lessEqual],
    ["equal", tf.equal],
    ["not equal", tf.notEqual],
    ["and", (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0))],
    ["or", (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0))],
    ["exclusive or", (a, b) => tf.logicalXor(tf.greater(a, 0), tf.greater(b, 0))],
    ["not", (a) => tf.logicalNot(tf.greater(a, 0))],
    ["any", (a, b) => tf.any(tf.greater(a, b), 1, true)],
    ["all", (a, b) => tf.all(tf.greater(a, b), 1, true)],
  ];
  sweepSlopes(
    conditions.map(([name, condition]): SweepCase => ({
      name,
      inputs: [float("a", 3, 4), float("b", 4)],
      f: (a, b) => tf.where(condition(a!, b!), tf.mul(a!, b!), tf.square(a!)),
    })),
    ["cpu"],
  );
});
