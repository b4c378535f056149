import type { GraphBuilder, GraphDtype, Value } from "./graph-builder.ts";
import { expand, movesNothing, reshape, transpose } from "./rearrange.ts";

export type Layout = "logical" | "nchw";

/**
 * What a tfjs tensor is while tracing.
 *
 * `shape` is what tfjs sees. `value` holds the elements: with layout "nchw" (rank 4 only) its axes are
 * [0, 3, 1, 2] of `shape`. Every axis of `value` has the length of its axis in `shape`, or length 1 where the
 * elements repeat (a broadcast not yet carried out); a value without axes repeats one element everywhere.
 */
export interface SymbolicTensor {
  readonly shape: readonly number[];
  readonly dtype: GraphDtype;
  readonly value: Value;
  readonly layout: Layout;
}

const toNchw = [0, 3, 1, 2] as const;
const toNhwc = [0, 2, 3, 1] as const;

export function arranged(shape: readonly number[], layout: Layout): number[] {
  return layout === "nchw" ? toNchw.map((axis) => shape[axis]!) : [...shape];
}

/** The axis of `value` that stands for an axis of `shape`. */
export function physicalAxis(axis: number, layout: Layout): number {
  return layout === "nchw" ? toNchw.indexOf(axis as 0) : axis;
}

/** The axes of `shape` in the order of `value`'s axes. */
export function axisOrder(rank: number, layout: Layout): readonly number[] {
  return layout === "nchw" ? toNchw : Array.from({ length: rank }, (_, axis) => axis);
}

/** True if either layout can be had without moving an element at run time. */
export function isLayoutFree(tensor: SymbolicTensor): boolean {
  const { value, layout } = tensor;
  if (value.constant || value.dims.length !== 4) return true;
  return movesNothing(value.dims, layout === "nchw" ? toNhwc : toNchw);
}

/** The elements in the wanted layout, repeated axes still of length 1. */
export function compactValue(graph: GraphBuilder, tensor: SymbolicTensor, layout: Layout): Value {
  if (tensor.layout === layout || tensor.value.dims.length !== 4) return tensor.value;
  return transpose(graph, tensor.value, layout === "nchw" ? toNchw : toNhwc);
}

/** The elements in the wanted layout, every axis at its full length. */
export function fullValue(graph: GraphBuilder, tensor: SymbolicTensor, layout: Layout = "logical"): Value {
  return expand(graph, compactValue(graph, tensor, layout), arranged(tensor.shape, layout));
}

/** The elements with one axis for each axis of `shape`, repeated axes still of length 1. */
export function rankedValue(graph: GraphBuilder, tensor: SymbolicTensor, layout: Layout): Value {
  const value = compactValue(graph, tensor, layout);
  return value.dims.length === tensor.shape.length
    ? value
    : reshape(
        graph,
        value,
        tensor.shape.map(() => 1),
      );
}

export function symbolic(
  shape: readonly number[],
  dtype: GraphDtype,
  value: Value,
  layout: Layout = "logical",
): SymbolicTensor {
  return { shape: [...shape], dtype, value, layout: shape.length === 4 ? layout : "logical" };
}

/** One number everywhere. */
export function splat(
  graph: GraphBuilder,
  shape: readonly number[],
  dtype: GraphDtype,
  value: number,
): SymbolicTensor {
  return symbolic(shape, dtype, graph.scalar(value, dtype));
}
