import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const turned = (shape: readonly number[], isTurned: boolean): number[] =>
  isTurned ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : [...shape];

describe("matrix products", () => {
  sweep(
    [false, true].flatMap((transposeA) =>
      [false, true].flatMap((transposeB): SweepCase[] => [
        {
          name: `of matrices, ${transposeA ? "Aᵀ" : "A"}${transposeB ? "Bᵀ" : "B"}`,
          inputs: [float("a", ...turned([3, 4], transposeA)), float("b", ...turned([4, 5], transposeB))],
          f: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
        },
        {
          name: `of batches, ${transposeA ? "Aᵀ" : "A"}${transposeB ? "Bᵀ" : "B"}`,
          inputs: [
            float("a", ...turned([2, 3, 4], transposeA)),
            float("b", ...turned([2, 4, 5], transposeB)),
          ],
          f: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
        },
      ]),
    ),
  );
  sweep([
    {
      name: "of a batch and one matrix",
      inputs: [float("a", 2, 3, 4), float("b", 1, 4, 5)],
      f: (a, b) => tf.matMul(a!, b!),
      hasGradient: false,
    },
    { name: "dot", inputs: [float("a", 4), float("b", 4, 3)], f: (a, b) => tf.dot(a!, b!) },
    {
      name: "einsum",
      inputs: [float("a", 2, 3, 4), float("b", 2, 4, 5)],
      f: (a, b) => tf.einsum("bij,bjk->bik", a!, b!),
      hasGradient: false,
    },
    {
      name: "with a captured matrix",
      inputs: [float("a", 3, 4)],
      f: (a) => tf.matMul(a!, tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]), false, true),
    },
    {
      name: "fused with bias and activation",
      inputs: [float("a", 3, 4), float("b", 5, 4), float("bias", 5)],
      f: (a, b, bias) => tf.fused.matMul({ a: a!, b: b!, transposeB: true, bias: bias!, activation: "relu" }),
      hasGradient: false,
    },
  ]);
});
