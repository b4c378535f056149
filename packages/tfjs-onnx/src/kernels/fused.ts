import { elementwise } from "../broadcast.ts";
import { arithmetic } from "./binary.ts";
import type { Attribute, GraphBuilder } from "../graph-builder.ts";
import type { KernelCall } from "../kernel.ts";
import { mapValue } from "../broadcast.ts";
import { splat, type SymbolicTensor } from "../symbolic-tensor.ts";

const activationOps: Readonly<Record<string, string>> = {
  elu: "Elu",
  leakyrelu: "LeakyRelu",
  relu: "Relu",
  sigmoid: "Sigmoid",
};

export function refuseNchwActivation(call: KernelCall): void {
  if (call.attribute("dataFormat") === "NCHW")
    throw call.refused("dataFormat", "expected NHWC with a fused activation");
}

/** The tail of tfjs's fused kernels: inputs "bias" and "preluActivationWeights", attribute "activation". */
export function addBiasAndActivate(call: KernelCall, product: SymbolicTensor): SymbolicTensor {
  const { graph } = call;
  const bias = call.optionalInput("bias");
  refuseNchwActivation(call);
  const sum = bias ? arithmetic(graph, "Add", product, bias) : product;
  const activation = call.text("activation", "linear");
  const alpha = call.attribute("leakyreluAlpha");
  const attributes: Record<string, Attribute> =
    activation === "leakyrelu" && typeof alpha === "number" ? { alpha: { float: alpha } } : {};
  if (activation === "linear") return sum;
  if (activation === "relu6") return clipped(graph, sum, 6);
  if (activation === "prelu") {
    const slopes = call.input("preluActivationWeights");
    const isNegative = elementwise(graph, "Less", [sum, splat(graph, [], "float32", 0)], "bool");
    return elementwise(
      graph,
      "Where",
      [isNegative, elementwise(graph, "Mul", [sum, slopes], "float32"), sum],
      "float32",
    );
  }
  const op = activationOps[activation];
  if (op === undefined) throw call.refused("activation", "expected an activation of tfjs");
  return mapValue(sum, "float32", (value) => graph.one(op, [value], value, { attributes }));
}

const clipped = (graph: GraphBuilder, tensor: SymbolicTensor, top: number): SymbolicTensor =>
  mapValue(tensor, "float32", (value) =>
    graph.one("Clip", [value, graph.scalar(0), graph.scalar(top)], value),
  );
