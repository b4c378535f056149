import { scalarOf, type GraphBuilder, type Value } from "../graph-builder.ts";
import type { Kernel, KernelTable } from "../kernel.ts";
import {
  arranged,
  axisOrder,
  fullValue,
  physicalAxis,
  symbolic,
  type SymbolicTensor,
} from "../symbolic-tensor.ts";

type Paddings = readonly (readonly [number, number])[];

/** Adds `fill` around the elements; `paddings` has a pair for each axis. */
export function padTensor(
  graph: GraphBuilder,
  x: SymbolicTensor,
  paddings: Paddings,
  fill: number,
): SymbolicTensor {
  const shape = x.shape.map((dim, axis) => dim + paddings[axis]![0] + paddings[axis]![1]);
  if (paddings.every(([start, end]) => start === 0 && end === 0)) return x;
  if (x.value.dims.length === 0 && scalarOf(x.value) === fill) return symbolic(shape, x.dtype, x.value);
  const order = axisOrder(x.shape.length, x.layout);
  const pads = [0, 1].flatMap((side) => order.map((axis) => paddings[axis]![side]!));
  const value = graph.one(
    "Pad",
    [fullValue(graph, x, x.layout), graph.int64s(pads), graph.scalar(fill, x.dtype)],
    { dims: arranged(shape, x.layout), dtype: x.dtype },
    { attributes: { mode: { text: "constant" } } },
  );
  return symbolic(shape, x.dtype, value, x.layout);
}

const pad: Kernel = (call) =>
  padTensor(call.graph, call.input("x"), call.numberPairs("paddings"), call.number("constantValue"));

/** Takes positions of one axis; positions are known while tracing. */
export function takeAlong(
  graph: GraphBuilder,
  x: SymbolicTensor,
  axis: number,
  positions: readonly number[],
): SymbolicTensor {
  const shape = x.shape.map((dim, index) => (index === axis ? positions.length : dim));
  const stored = physicalAxis(axis, x.layout);
  if (x.value.dims.length === 0 || x.value.dims[stored] === 1)
    return symbolic(shape, x.dtype, x.value, x.layout);
  const dims = x.value.dims.map((dim, index) => (index === stored ? positions.length : dim));
  const value: Value = graph.one(
    "Gather",
    [x.value, graph.int64s(positions)],
    { dims, dtype: x.dtype },
    { attributes: { axis: { int: stored } } },
  );
  return symbolic(shape, x.dtype, value, x.layout);
}

/** "reflect" leaves the edge out, "symmetric" repeats it. */
const mirrorPad: Kernel = (call) => {
  const x = call.input("x");
  const paddings = call.numberPairs("paddings");
  const mode = call.text("mode", "reflect");
  if (mode !== "reflect" && mode !== "symmetric") throw call.refused("mode", "expected reflect or symmetric");
  const edge = mode === "reflect" ? 0 : 1;
  return paddings.reduce<SymbolicTensor>((padded, [start, end], axis) => {
    if (start === 0 && end === 0) return padded;
    const length = x.shape[axis]!;
    const positions = Array.from({ length: start + length + end }, (_, index) => {
      const position = index - start;
      if (position < 0) return -position - edge;
      return position < length ? position : 2 * (length - 1) - position + edge;
    });
    return takeAlong(call.graph, padded, axis, positions);
  }, x);
};

export const paddingKernels: KernelTable = { MirrorPad: mirrorPad, PadV2: pad };
