import { arithmetic } from "./binary.ts";
import { elementwise, mapValue } from "../broadcast.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import type { Kernel, KernelTable } from "../kernel.ts";
import { fullValue, physicalAxis, splat, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";

/** Softmax along an axis; ONNX normalises over one axis in whatever order the axes are stored. */
const softmax: Kernel = (call) => {
  const x = call.input("logits");
  const axis = call.number("dim");
  const full = fullValue(call.graph, x, x.layout);
  const stored = physicalAxis(axis < 0 ? axis + x.shape.length : axis, x.layout);
  const value = call.graph.one("Softmax", [full], full, { attributes: { axis: { int: stored } } });
  return symbolic(x.shape, "float32", value, x.layout);
};

/** (x - mean) / √(variance + ε) · scale + offset with given statistics: ONNX BatchNormalization where it fits. */
const batchNorm: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const channels = x.shape.at(-1)!;
  const epsilon = call.number("varianceEpsilon");
  const [mean, variance] = [call.input("mean"), call.input("variance")];
  const scale = call.optionalInput("scale") ?? splat(graph, [channels], "float32", 1);
  const offset = call.optionalInput("offset") ?? splat(graph, [channels], "float32", 0);
  const statistics = [scale, offset, mean, variance];
  if (
    x.shape.length === 4 &&
    statistics.every((each) => each.shape.length === 1 && each.shape[0] === channels)
  ) {
    const full = fullValue(graph, x, "nchw");
    const value = graph.one(
      "BatchNormalization",
      [full, ...statistics.map((each) => fullValue(graph, each))],
      { dims: full.dims, dtype: "float32" },
      { attributes: { epsilon: { float: epsilon } } },
    );
    return symbolic(x.shape, "float32", value, "nchw");
  }
  return normalized({ graph, x, mean, variance, scale, offset, epsilon });
};

interface Normalization {
  readonly graph: GraphBuilder;
  readonly x: SymbolicTensor;
  readonly mean: SymbolicTensor;
  readonly variance: SymbolicTensor;
  readonly scale: SymbolicTensor;
  readonly offset: SymbolicTensor;
  readonly epsilon: number;
}

function normalized({ graph, x, mean, variance, scale, offset, epsilon }: Normalization): SymbolicTensor {
  const padded = arithmetic(graph, "Add", variance, splat(graph, [], "float32", epsilon));
  const deviation = mapValue(padded, "float32", (value) => graph.one("Sqrt", [value], value));
  const factor = elementwise(graph, "Div", [scale, deviation], "float32");
  const centered = elementwise(graph, "Sub", [x, mean], "float32");
  return elementwise(
    graph,
    "Add",
    [elementwise(graph, "Mul", [centered, factor], "float32"), offset],
    "float32",
  );
}

export const normalizationKernels: KernelTable = {
  FusedBatchNorm: batchNorm,
  Softmax: softmax,
};
