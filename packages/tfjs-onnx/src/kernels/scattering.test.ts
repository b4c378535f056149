import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { bool, float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const numbers = { i: Int32Array.of(0, 1, 1, 3, 5, 1) };

const sortedRows = (dtype: "float32" | "int32"): tf.Tensor =>
  tf.tensor2d([-1, 0, 1, 1, -3, 0, 0, 2], [2, 4], dtype);

const withoutGradient = (cases: readonly Omit<SweepCase, "hasGradient">[]): SweepCase[] =>
  cases.map((each) => ({ ...each, hasGradient: false }));

describe("scattering and counting", () => {
  sweep(
    withoutGradient([
      {
        name: "scatter of integers, twice to one place",
        inputs: [int("i", 4, 1), int("u", 4, 2)],
        f: (i, u) => tf.scatterND(i as tf.Tensor2D, u!, [5, 2]),
        values: { i: Int32Array.of(2, 0, 2, 1) },
      },
      {
        name: "replacement of rows of integers",
        inputs: [int("x", 4, 3), int("i", 2, 1), int("u", 2, 3)],
        f: (x, i, u) => tf.tensorScatterUpdate(tf.add(x!, tf.zerosLike(x!)), i as tf.Tensor2D, u!),
        values: { i: Int32Array.of(3, 1) },
      },
      {
        name: "sparse to dense with a default",
        inputs: [int("i", 3, 2), float("v", 3)],
        f: (i, v) => tf.sparseToDense(i as tf.Tensor2D, v as tf.Tensor1D, [4, 5], 0.5),
        values: { i: Int32Array.of(0, 1, 2, 4, 3, 0) },
      },
      {
        name: "one number to places of a vector",
        inputs: [int("i", 3), float("v")],
        f: (i, v) => tf.sparseToDense(i as tf.Tensor1D, v as tf.Scalar, [5], -1),
        values: { i: Int32Array.of(0, 3, 2) },
      },
      {
        name: "counts",
        inputs: [int("i", 6)],
        f: (i) => tf.bincount(i as tf.Tensor1D, tf.tensor1d([]), 4),
        values: numbers,
      },
      {
        name: "weighted counts",
        inputs: [int("i", 6), float("w", 6)],
        f: (i, w) => tf.bincount(i as tf.Tensor1D, w as tf.Tensor1D, 4),
        values: numbers,
      },
      ...[false, true].flatMap((isBinary) => [
        {
          name: `counts by row${isBinary ? ", yes or no" : ""}`,
          inputs: [int("i", 2, 3), int("w", 2, 3)],
          f: (i?: tf.Tensor, w?: tf.Tensor) =>
            tf.denseBincount(i as tf.Tensor2D, w as tf.Tensor2D, 4, isBinary),
          values: numbers,
        },
        {
          name: `counts of one row${isBinary ? ", yes or no" : ""}`,
          inputs: [int("i", 6), float("w", 6)],
          f: (i?: tf.Tensor, w?: tf.Tensor) =>
            tf.denseBincount(i as tf.Tensor1D, w as tf.Tensor1D, 4, isBinary),
          values: numbers,
        },
      ]),
      ...(["left", "right"] as const).flatMap((side) => [
        {
          name: `places among sorted numbers, ${side}`,
          inputs: [float("v", 2, 5)],
          f: (v?: tf.Tensor) => tf.searchSorted(sortedRows("float32"), v!, side),
          values: { v: Float32Array.of(-2, -1, 0.5, 1, 3, -3, 0, 1, 2, 2.5) },
        },
        {
          name: `places among sorted integers, ${side}`,
          inputs: [int("v", 2, 3)],
          f: (v?: tf.Tensor) => tf.searchSorted(sortedRows("int32"), v!, side),
        },
      ]),
      { name: "diagonal of a vector", inputs: [int("x", 4)], f: (x) => tf.diag(x!) },
      { name: "diagonal of a matrix", inputs: [float("x", 3, 2)], f: (x) => tf.diag(x!) },
      { name: "diagonal of truth values", inputs: [bool("x", 3)], f: (x) => tf.diag(x!) },
    ]),
  );
});
