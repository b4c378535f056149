import { elementwise, mapValue } from "../broadcast.ts";
import { sizeOf, type GraphBuilder, type GraphDtype, type Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { cast, expand, reshape, transpose } from "../rearrange.ts";
import { fullValue, splat, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { oneHotOf, positionsOf } from "./indexing.ts";
import { sum } from "./reduction.ts";
import { reshapeTensor } from "./shape.ts";

interface Scatter {
  readonly target: Value;
  readonly indices: Value;
  readonly updates: Value;
  readonly isSum: boolean;
}

function scatter(graph: GraphBuilder, { target, indices, updates, isSum }: Scatter): Value {
  return graph.one("ScatterND", [target, cast(graph, indices, "int64"), updates], target, {
    attributes: isSum ? { reduction: { text: "add" } } : {},
  });
}

/** ONNX adds no truth values: they are scattered as numbers. */
const scatterNd: Kernel = (call) => {
  const { graph } = call;
  const [indices, updates] = [call.input("indices"), call.input("updates")];
  const dims = call.numbers("shape");
  if (updates.dtype === "bool") throw call.unsupported("updates of dtype bool");
  const value = scatter(graph, {
    target: expand(graph, graph.scalar(0, updates.dtype), dims),
    indices: fullValue(graph, indices),
    updates: fullValue(graph, updates),
    isSum: true,
  });
  return symbolic(dims, updates.dtype, value);
};

const tensorScatterUpdate: Kernel = (call) => {
  const { graph } = call;
  const [tensor, updates] = [call.input("tensor"), call.input("updates")];
  const value = scatter(graph, {
    target: fullValue(graph, tensor),
    indices: fullValue(graph, call.input("indices")),
    updates: fullValue(graph, updates),
    isSum: false,
  });
  return symbolic(tensor.shape, tensor.dtype, value);
};

/** Indices of rank 0 or 1 name places of a vector; one value may serve for all of them. */
const sparseToDense: Kernel = (call) => {
  const { graph } = call;
  const [indices, values] = [call.input("sparseIndices"), call.input("sparseValues")];
  const dims = call.numbers("outputShape");
  const places = indices.shape.length === 2 ? indices.shape : [sizeOf(indices.shape), 1];
  const value = scatter(graph, {
    target: expand(graph, fullValue(graph, call.input("defaultValue")), dims),
    indices: reshape(graph, fullValue(graph, indices), places),
    updates: expand(graph, fullValue(graph, values), [places[0]!]),
    isSum: false,
  });
  return symbolic(dims, values.dtype, value);
};

/**
 * Row s of the result is the sum of the rows of x with segment s; rows with any other segment are left out.
 * A product with the one-hot matrix of the segments, so that the order of addition is fixed.
 */
const unsortedSegmentSum: Kernel = (call) => {
  const { graph } = call;
  const [x, segmentIds] = [call.input("x"), call.input("segmentIds")];
  const segments = call.number("numSegments");
  if (x.dtype !== "float32") throw call.unsupported(`values of dtype ${x.dtype}`);
  const count = sizeOf(segmentIds.shape);
  const rest = x.shape.slice(segmentIds.shape.length);
  const hot = oneHotOf(graph, reshapeTensor(graph, segmentIds, [count]), segments);
  const matrix = transpose(graph, cast(graph, fullValue(graph, hot), "float32"), [1, 0]);
  const rows = reshape(graph, fullValue(graph, x), [count, sizeOf(rest)]);
  const sums = graph.one("MatMul", [matrix, rows], { dims: [segments, sizeOf(rest)], dtype: "float32" });
  return symbolic([segments, ...rest], "float32", reshape(graph, sums, [segments, ...rest]));
};

/** How often each number below `size` occurs along the last axis, or the sum of the weights that came with it. */
function countNumbers(call: KernelCall, isBinary: boolean): SymbolicTensor {
  const { graph } = call;
  const [x, weights] = [call.input("x"), call.input("weights")];
  const size = call.number("size");
  const dtype: GraphDtype = weights.dtype === "bool" ? "int32" : weights.dtype;
  if (weights.dtype === "bool") throw call.unsupported("weights of dtype bool");
  const hot = oneHotOf(graph, x, size); // [..., n, size]
  const last = x.shape.length - 1;
  const isWeighted = sizeOf(weights.shape) > 0 && !isBinary;
  const each = isWeighted ? reshapeTensor(graph, weights, [...weights.shape, 1]) : splat(graph, [], dtype, 1);
  const counted = elementwise(graph, "Where", [hot, each, splat(graph, [], dtype, 0)], dtype);
  const full = symbolic(counted.shape, dtype, fullValue(graph, counted));
  const sums = sum(graph, full, [last], false);
  if (!isBinary) return sums;
  return mapValue(sums, dtype, (value) => graph.one("Min", [value, graph.scalar(1, dtype)], value));
}

/** tfjs's CPU kernel leaves `binaryOutput` out of account for vectors. */
const denseBincount: Kernel = (call) =>
  countNumbers(call, call.flag("binaryOutput") && call.input("x").shape.length === 2);

/** The number of elements of each sorted row that lie left of a value. */
const searchSorted: Kernel = (call) => {
  const { graph } = call;
  const [sorted, values] = [call.input("sortedSequence"), call.input("values")];
  const side = call.text("side", "left");
  if (side !== "left" && side !== "right") throw call.refused("side", "expected left or right");
  if (sorted.dtype !== values.dtype) {
    throw call.unsupported(`operands of dtypes ${sorted.dtype} and ${values.dtype}`);
  }
  const [rows, length] = sorted.shape as [number, number];
  const count = values.shape[1]!;
  const isLeft = elementwise(
    graph,
    side === "left" ? "Less" : "LessOrEqual",
    [reshapeTensor(graph, sorted, [rows, 1, length]), reshapeTensor(graph, values, [rows, count, 1])],
    "bool",
  );
  const numbers = mapValue(isLeft, "int32", (value) => cast(graph, value, "int32"));
  return sum(graph, numbers, [2], false);
};

/** The elements on the diagonal of a matrix, or of the tensor with the axes of x twice. */
const diagonal: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const size = sizeOf(x.shape);
  const isDiagonal = elementwise(
    graph,
    "Equal",
    [reshapeTensor(graph, positionsOf(graph, size), [size, 1]), positionsOf(graph, size)],
    "bool",
  );
  const row = reshapeTensor(graph, x, [size]);
  if (x.dtype === "bool") {
    const both = elementwise(graph, "And", [isDiagonal, row], "bool");
    return reshapeTensor(graph, both, [...x.shape, ...x.shape]);
  }
  const zero = splat(graph, [], x.dtype, 0);
  const matrix = elementwise(graph, "Where", [isDiagonal, row, zero], x.dtype);
  return reshapeTensor(graph, matrix, [...x.shape, ...x.shape]);
};

export const scatteringKernels: KernelTable = {
  Bincount: (call) => countNumbers(call, false),
  DenseBincount: denseBincount,
  Diag: diagonal,
  ScatterNd: scatterNd,
  SearchSorted: searchSorted,
  SparseToDense: sparseToDense,
  TensorScatterUpdate: tensorScatterUpdate,
  UnsortedSegmentSum: unsortedSegmentSum,
};
