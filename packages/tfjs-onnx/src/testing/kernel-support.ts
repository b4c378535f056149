import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedKernelError, type TensorSpec } from "../compile.ts";
import type { GraphDtype } from "../graph-builder.ts";
import type { GraphArray } from "../session.ts";
import { compare, drawInput } from "./agreement.ts";
import { kernelExamples, type KernelExample } from "./kernel-examples.ts";

export const dtypes = ["float32", "int32", "bool"] as const satisfies readonly GraphDtype[];

export type Support =
  | { readonly is: "supported" }
  | { readonly is: "refused"; readonly reason: string }
  | { readonly is: "wrong"; readonly reason: string };

const tolerance = 1e-5;

/** What becomes of the example of a kernel with operands of a dtype, next to tfjs's CPU backend. */
export async function supportOf(kernelName: string, dtype: GraphDtype): Promise<Support> {
  const example = kernelExamples[kernelName];
  if (!example) return { is: "wrong", reason: "has no example" };
  if (!varies(example) && dtype !== "float32") return { is: "refused", reason: "makes only float32" };
  const inputs = inputsOf(example, dtype);
  const attributes = example.dtypeAttribute ? { ...example.attributes, dtype } : example.attributes;
  try {
    const { worst, graph } = await compare({
      inputs,
      run: (tensors) => {
        // An input of the graph is never the memory that a kernel of the CPU backend may write to.
        const results = tf.engine().runKernel(kernelName, copies(tensors), (attributes ?? {}) as never);
        return Object.fromEntries(
          [results].flat().map((tensor, index) => [`out${index}`, tensor as tf.Tensor]),
        );
      },
      values: Object.fromEntries(inputs.map((spec, index) => [spec.name, valuesOf(example, spec, index)])),
    });
    if (!graph.kernelNames.includes(kernelName)) return { is: "wrong", reason: "was not called" };
    return worst < tolerance ? { is: "supported" } : { is: "wrong", reason: `differs by ${worst}` };
  } catch (error) {
    if (error instanceof UnsupportedKernelError) return { is: "refused", reason: error.message };
    return { is: "wrong", reason: error instanceof Error ? error.message : String(error) };
  }
}

const varies = (example: KernelExample): boolean =>
  example.inputs !== undefined || example.dtypeAttribute !== undefined;

function inputsOf({ inputs = {}, fixed = {} }: KernelExample, dtype: GraphDtype): TensorSpec[] {
  return [
    ...Object.entries(inputs).map(([name, shape]): TensorSpec => ({ name, shape, dtype })),
    ...Object.entries(fixed).map(([name, spec]): TensorSpec => ({ name, ...spec })),
  ];
}

function valuesOf(example: KernelExample, spec: TensorSpec, index: number): GraphArray {
  const given = example.values?.[spec.name];
  if (given === undefined) return drawInput(spec, index + 1);
  if (spec.dtype === "float32") return given;
  if (spec.dtype === "bool") return Int32Array.from(given, (value) => Number(value > 0));
  return Int32Array.from(given, Math.trunc);
}

/** As tfjs passes them: a list where they have numbers for names. */
function copies(tensors: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const entries = Object.entries(tensors).map(
    ([name, tensor]) => [name, tf.reshape(tensor, tensor.shape)] as const,
  );
  const isList = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return isList
    ? (entries.map(([, tensor]) => tensor) as unknown as Record<string, tf.Tensor>)
    : Object.fromEntries(entries);
}
