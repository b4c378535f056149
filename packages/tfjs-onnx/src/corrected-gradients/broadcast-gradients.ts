import * as tf from "@tensorflow/tfjs-core";
import { adjusted, single, sizeOf, sumTo, type GradientTable } from "./gradient-table.ts";

/** For kernels whose tfjs gradient forgets to sum where an operand was broadcast. */
const summed = (kernelName: string): GradientTable[string] =>
  adjusted(kernelName, { result: (gradient, input) => sumTo(gradient, input.shape) });

/** One sum over each axis repeated, at any rank: tfjs adds one slice a repetition and stops at rank 4. */
function tileGradient(dy: tf.Tensor, shape: readonly number[], reps: readonly number[]): tf.Tensor {
  const isRepeatedOne = (axis: number): boolean => shape[axis] === 1 && reps[axis]! > 1;
  const ones = shape.map((_, axis) => axis).filter(isRepeatedOne);
  let result = ones.length > 0 ? tf.sum(dy, ones, true) : dy;
  shape.forEach((dim, axis) => {
    if (reps[axis] === 1 || dim === 1) return;
    const after = result.shape.toSpliced(axis, 1, dim);
    const inner = sizeOf(after.slice(axis));
    result = tf.reshape(tf.sum(tf.reshape(result, [-1, reps[axis]!, inner]), 1), after);
  });
  return result;
}

export const broadcastGradients: GradientTable = {
  BatchMatMul: summed("BatchMatMul"),
  Maximum: summed("Maximum"),
  Minimum: summed("Minimum"),
  SquaredDifference: summed("SquaredDifference"),
  Tile: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], { reps }) => ({
      x: () => tileGradient(single(dy), x!.shape, reps as number[]),
    }),
  },
};
