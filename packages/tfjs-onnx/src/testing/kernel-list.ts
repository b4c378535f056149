import * as tf from "@tensorflow/tfjs-core";
import { kernelDtypes } from "../kernel-dtypes.ts";
import { supportedKernels } from "../supported-kernels.ts";

const groups = [["float32", "int32", "bool"], ["float32", "int32"], ["float32"], ["bool"]];

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

/** Names in tfjs-core that no backend needs, for tfjs's operators are made of other kernels. */
export const composedKernels = [
  "BroadcastTo",
  "LogSoftmax",
  "LogicalXor",
  "LowerBound",
  "MatrixBandPart",
  "Pool",
  "UpperBound",
];

export const kernelNamesOfTfjs = (): string[] =>
  Object.values(tf as unknown as Record<string, unknown>).filter(
    (value): value is string => typeof value === "string" && /^_?[A-Z]\w+$/.test(value),
  );

/** The README's section on kernels: those supported, by the dtypes of their operands, and the rest of tfjs-core's. */
export function kernelList(): string {
  const names = Object.keys(supportedKernels).toSorted();
  const lists = groups.map((dtypes) => {
    const fitting = names.filter((name) => kernelDtypes(name).join() === dtypes.join());
    return `- On operands of dtype ${dtypes.join(", ")}: ${code(fitting)}`;
  });
  const missing = kernelNamesOfTfjs()
    .filter((name) => !(name in supportedKernels) && !composedKernels.includes(name))
    .toSorted();
  return [
    ...lists,
    `- Through other kernels, as tfjs composes them: ${code(composedKernels)}`,
    `- Not supported: ${code(missing)}`,
  ].join("\n");
}
