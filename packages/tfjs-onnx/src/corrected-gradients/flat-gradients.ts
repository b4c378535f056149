import * as tf from "@tensorflow/tfjs-core";
import type { GradientTable } from "./gradient-table.ts";

/** Kernels whose result does not move with their operands: tfjs refuses all of them but GreaterEqual. */
const flat = (...inputs: readonly string[]): GradientTable[string] => ({
  inputsToSave: [...inputs],
  gradFunc: (_, saved) =>
    Object.fromEntries(inputs.map((name, index) => [name, () => tf.zeros(saved[index]!.shape)])),
});

const ofTwo = ["Equal", "Greater", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "NotEqual"];
const ofOne = ["All", "Any", "LogicalNot"];

export const flatGradients: GradientTable = {
  ...Object.fromEntries(ofTwo.map((name) => [name, flat("a", "b")])),
  ...Object.fromEntries(ofOne.map((name) => [name, flat("x")])),
};
