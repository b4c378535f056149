import { util } from "@tensorflow/tfjs-core";
import { arithmetic } from "./binary.ts";
import { mapValue } from "../broadcast.ts";
import { sizeOf, type GraphBuilder, type GraphDtype, type Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { cast, reshape, transpose } from "../rearrange.ts";
import {
  axisOrder,
  fullValue,
  physicalAxis,
  rankedValue,
  splat,
  symbolic,
  type SymbolicTensor,
} from "../symbolic-tensor.ts";

interface ReductionRequest {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  /** Emits the node that reduces the given axes of a value and keeps them with length 1. */
  readonly emit: (value: Value, axes: readonly number[], dims: readonly number[]) => Value;
}

/**
 * Reduces without touching repeated axes: over those the elements are equal, so that every reduction but a sum
 * or a product is the identity there.
 */
function reduce(graph: GraphBuilder, x: SymbolicTensor, request: ReductionRequest): SymbolicTensor {
  const { axes, keepDims, emit } = request;
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const ranked = rankedValue(graph, x, x.layout);
  const stored = axes.map((axis) => physicalAxis(axis, x.layout)).toSorted((a, b) => a - b);
  const real = stored.filter((axis) => ranked.dims[axis] !== 1);
  const dims = ranked.dims.map((dim, axis) => (stored.includes(axis) ? 1 : dim));
  const value = real.length === 0 ? ranked : emit(ranked, real, dims);
  const reduced = symbolic(kept, x.dtype, value, x.layout);
  return keepDims ? reduced : dropAxes(graph, reduced, axes);
}

/** Removes axes of length 1. */
export function dropAxes(graph: GraphBuilder, x: SymbolicTensor, axes: readonly number[]): SymbolicTensor {
  if (axes.length === 0) return x;
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  if (x.value.dims.length === 0) return symbolic(shape, x.dtype, x.value);
  const order = axisOrder(x.shape.length, x.layout);
  const left = order.map((axis, stored) => ({ axis, stored })).filter(({ axis }) => !axes.includes(axis));
  const squeezed = reshape(
    graph,
    x.value,
    left.map(({ stored }) => x.value.dims[stored]!),
  );
  const permutation = left
    .map(({ axis }, position) => ({ axis, position }))
    .toSorted((a, b) => a.axis - b.axis)
    .map(({ position }) => position);
  return symbolic(shape, x.dtype, transpose(graph, squeezed, permutation));
}

export function readAxes(call: KernelCall, name: string, rank: number): number[] {
  const value = call.attribute(name);
  if (value === undefined || value === null) return Array.from({ length: rank }, (_, axis) => axis);
  return util.parseAxisParam(
    [...call.numbers(name)],
    Array.from({ length: rank }, () => 1),
  );
}

type Emit = ReductionRequest["emit"];

const reduceNode =
  (graph: GraphBuilder, op: string): Emit =>
  (value, axes, dims) => {
    const keepdims = { int: 1 };
    const type = { dims, dtype: value.dtype };
    // Opset 17 takes the axes of ReduceSum as an input, those of the other reductions as an attribute.
    return op === "ReduceSum"
      ? graph.one(op, [value, graph.int64s(axes)], type, { attributes: { keepdims } })
      : graph.one(op, [value], type, { attributes: { axes: { ints: axes }, keepdims } });
  };

/** Repeated elements along the reduced axes: a sum of n equal elements is n times one of them. */
function repeatCount(x: SymbolicTensor, axes: readonly number[]): number {
  const repeated = axes.filter((axis) => (x.value.dims[physicalAxis(axis, x.layout)] ?? 1) === 1);
  return sizeOf(repeated.map((axis) => x.shape[axis]!));
}

export function sum(
  graph: GraphBuilder,
  x: SymbolicTensor,
  axes: readonly number[],
  keepDims: boolean,
): SymbolicTensor {
  const reduced = reduce(graph, x, { axes, keepDims, emit: reduceNode(graph, "ReduceSum") });
  return arithmetic(graph, "Multiply", reduced, splat(graph, [], x.dtype, repeatCount(x, axes)));
}

const sumKernel: Kernel = (call) => {
  const x = call.input("x");
  const counted = x.dtype === "bool" ? withDtype(call.graph, x, "int32") : x;
  return sum(call.graph, counted, readAxes(call, "axis", x.shape.length), call.flag("keepDims"));
};

const withDtype = (graph: GraphBuilder, x: SymbolicTensor, dtype: GraphDtype): SymbolicTensor =>
  mapValue(x, dtype, (value) => cast(graph, value, dtype));

const meanKernel: Kernel = (call) => {
  const x = withDtype(call.graph, call.input("x"), "float32");
  return reduce(call.graph, x, {
    axes: readAxes(call, "axis", x.shape.length),
    keepDims: call.flag("keepDims"),
    emit: reduceNode(call.graph, "ReduceMean"),
  });
};

/** Max names its axes `reductionIndices`, unlike all other reductions. */
const extremum =
  (op: string, axesName: string): Kernel =>
  (call) => {
    const x = call.input("x");
    if (x.dtype === "bool") throw call.unsupported("dtype bool");
    return reduce(call.graph, x, {
      axes: readAxes(call, axesName, x.shape.length),
      keepDims: call.flag("keepDims"),
      emit: reduceNode(call.graph, op),
    });
  };

const product: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const full = symbolic(x.shape, x.dtype, fullValue(graph, x, x.layout), x.layout);
  return reduce(graph, full, {
    axes: readAxes(call, "axis", x.shape.length),
    keepDims: call.flag("keepDims"),
    emit: reduceNode(graph, "ReduceProd"),
  });
};

/** All is the least of the values as numbers, any the greatest. */
const logical =
  (op: string): Kernel =>
  (call) => {
    const x = withDtype(call.graph, call.input("x"), "float32");
    const reduced = reduce(call.graph, x, {
      axes: readAxes(call, "axis", x.shape.length),
      keepDims: call.flag("keepDims"),
      emit: reduceNode(call.graph, op),
    });
    return withDtype(call.graph, reduced, "bool");
  };

const extremumIndex =
  (op: string): Kernel =>
  (call) => {
    const { graph } = call;
    const x = call.input("x");
    const [axis] = readAxes(call, "axis", x.shape.length);
    const full = fullValue(graph, x, x.layout);
    const stored = physicalAxis(axis!, x.layout);
    const dims = full.dims.map((dim, index) => (index === stored ? 1 : dim));
    const index = graph.one(
      op,
      [full],
      { dims, dtype: "int64" },
      { attributes: { axis: { int: stored }, keepdims: { int: 1 } } },
    );
    const kept = x.shape.map((dim, index) => (index === axis ? 1 : dim));
    return dropAxes(graph, symbolic(kept, "int32", cast(graph, index, "int32"), x.layout), [axis!]);
  };

export const reductionKernels: KernelTable = {
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: extremumIndex("ArgMax"),
  ArgMin: extremumIndex("ArgMin"),
  Max: extremum("ReduceMax", "reductionIndices"),
  Mean: meanKernel,
  Min: extremum("ReduceMin", "axis"),
  Prod: product,
  Sum: sumKernel,
};
