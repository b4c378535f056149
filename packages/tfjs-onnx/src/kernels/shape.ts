import { backend_util, slice_util, util } from "@tensorflow/tfjs-core";
import { commonLayout } from "../broadcast.ts";
import { sizeOf, type GraphBuilder } from "../graph-builder.ts";
import type { Kernel, KernelTable } from "../kernel.ts";
import { reshape, sameDims, slice, transpose, type AxisRange } from "../rearrange.ts";
import {
  arranged,
  axisOrder,
  compactValue,
  fullValue,
  physicalAxis,
  rankedValue,
  symbolic,
  type SymbolicTensor,
} from "../symbolic-tensor.ts";
import { dropAxes } from "./reduction.ts";

/** Reshapes; axes of length 1 that come or go keep what is not yet carried out (layout, repeats) that way. */
export function reshapeTensor(
  graph: GraphBuilder,
  x: SymbolicTensor,
  shape: readonly number[],
): SymbolicTensor {
  if (sameDims(x.shape, shape)) return x;
  if (x.value.dims.length === 0) return symbolic(shape, x.dtype, x.value);
  const value = compactValue(graph, x, "logical");
  const alike = (dims: readonly number[]): number[] => dims.filter((dim) => dim !== 1);
  if (!sameDims(value.dims, x.shape) && sameDims(alike(x.shape), alike(shape))) {
    const lengths = value.dims.filter((_, axis) => x.shape[axis] !== 1);
    let next = 0;
    return symbolic(
      shape,
      x.dtype,
      reshape(
        graph,
        value,
        shape.map((dim) => (dim === 1 ? 1 : lengths[next++]!)),
      ),
    );
  }
  return symbolic(shape, x.dtype, reshape(graph, fullValue(graph, x), shape));
}

const reshapeKernel: Kernel = (call) => {
  const x = call.input("x");
  const shape = util.inferFromImplicitShape([...call.numbers("shape")], sizeOf(x.shape));
  return reshapeTensor(call.graph, x, shape);
};

const expandDims: Kernel = (call) => {
  const x = call.input("input");
  const dim = call.number("dim");
  const shape = [...x.shape];
  shape.splice(dim < 0 ? x.shape.length + dim + 1 : dim, 0, 1);
  return reshapeTensor(call.graph, x, shape);
};

const transposeKernel: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const permutation = call.numbers("perm");
  const shape = permutation.map((axis) => x.shape[axis]!);
  if (x.value.dims.length === 0) return symbolic(shape, x.dtype, x.value);
  const stored = permutation.map((axis) => physicalAxis(axis, x.layout));
  return symbolic(shape, x.dtype, transpose(graph, x.value, stored));
};

/** Slices by ranges of the logical axes; an axis that repeats is only renamed in length. */
export function sliceTensor(
  graph: GraphBuilder,
  x: SymbolicTensor,
  ranges: readonly AxisRange[],
): SymbolicTensor {
  const shape = [...x.shape];
  for (const { axis, start, end, step = 1 } of ranges)
    shape[axis] = Math.max(0, Math.ceil((end - start) / step));
  if (x.value.dims.length === 0) return symbolic(shape, x.dtype, x.value);
  const real = ranges
    .map((range) => ({ ...range, axis: physicalAxis(range.axis, x.layout) }))
    .filter(({ axis }) => x.value.dims[axis] !== 1);
  return symbolic(shape, x.dtype, slice(graph, x.value, real), x.layout);
}

const sliceKernel: Kernel = (call) => {
  const x = call.input("x");
  const tensor = { shape: [...x.shape], rank: x.shape.length } as never;
  const [begin, size] = slice_util.parseSliceParams(
    tensor,
    [...call.numbers("begin")],
    [...call.numbers("size")],
  ) as [number[], number[]];
  slice_util.assertParamsValid(tensor, begin, size);
  return sliceTensor(
    call.graph,
    x,
    begin.map((start, axis) => ({ axis, start, end: start + size[axis]! })),
  );
};

const stridedSlice: Kernel = (call) => {
  const x = call.input("x");
  const masks = ["beginMask", "endMask", "ellipsisMask", "newAxisMask", "shrinkAxisMask"].map((name) =>
    call.number(name),
  );
  const plan = slice_util.sliceInfo(
    [...x.shape],
    [...call.numbers("begin")],
    [...call.numbers("end")],
    [...call.numbers("strides")],
    ...(masks as [number, number, number, number, number]),
  );
  if (plan.finalShapeSparse.some((dim) => dim === 0)) throw call.unsupported("the slice is empty");
  const sliced = sliceTensor(
    call.graph,
    x,
    plan.begin.map((start, axis) => ({ axis, start, end: plan.end[axis]!, step: plan.strides[axis]! })),
  );
  return reshapeTensor(call.graph, sliced, plan.finalShape);
};

const reverse: Kernel = (call) => {
  const x = call.input("x");
  const axes = call.numbers("dims").map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  return sliceTensor(
    call.graph,
    x,
    axes.map((axis) => ({ axis, start: x.shape[axis]! - 1, end: -1, step: -1 })),
  );
};

export function concatTensors(
  graph: GraphBuilder,
  tensors: readonly SymbolicTensor[],
  axis: number,
): SymbolicTensor {
  const parts = tensors.filter((tensor) => tensor.shape[axis] !== 0);
  const [first] = parts.length > 0 ? parts : tensors;
  const shape = [...first!.shape];
  shape[axis] = parts.reduce((length, part) => length + part.shape[axis]!, 0);
  if (parts.length === 1) return first!;
  const layout = commonLayout(parts, shape.length);
  const values = parts.map((part) => fullValue(graph, part, layout));
  const value = graph.one(
    "Concat",
    values,
    { dims: arranged(shape, layout), dtype: first!.dtype },
    { attributes: { axis: { int: physicalAxis(axis, layout) } } },
  );
  return symbolic(shape, first!.dtype, value, layout);
}

const concatKernel: Kernel = (call) => {
  const tensors = call.allInputs();
  const axis = call.number("axis");
  const dtypes = new Set(tensors.map((tensor) => tensor.dtype));
  if (dtypes.size > 1) throw call.unsupported(`operands of dtypes ${[...dtypes].join(" and ")}`);
  const along = axis < 0 ? axis + tensors[0]!.shape.length : axis;
  backend_util.assertParamsConsistent(
    tensors.map(({ shape }) => [...shape]),
    along,
  );
  return concatTensors(call.graph, tensors, along);
};

const pack: Kernel = (call) => {
  const tensors = call.allInputs();
  const requested = call.number("axis");
  const axis = requested < 0 ? requested + tensors[0]!.shape.length + 1 : requested;
  for (const { shape, dtype } of tensors) {
    util.assertShapesMatch([...shape], [...tensors[0]!.shape], "Error in stack: ");
    if (dtype !== tensors[0]!.dtype) throw call.unsupported("operands of several dtypes");
  }
  const expanded = tensors.map((tensor) =>
    reshapeTensor(call.graph, tensor, tensor.shape.toSpliced(axis, 0, 1)),
  );
  return concatTensors(call.graph, expanded, axis);
};

const unpack: Kernel = (call) => {
  const x = call.input("value");
  const requested = call.number("axis");
  const axis = requested < 0 ? requested + x.shape.length : requested;
  return Array.from({ length: x.shape[axis]! }, (_, start) =>
    dropAxes(call.graph, sliceTensor(call.graph, x, [{ axis, start, end: start + 1 }]), [axis]),
  );
};

const split: Kernel = (call) => {
  const x = call.input("x");
  const requested = call.number("axis");
  const axis = requested < 0 ? requested + x.shape.length : requested;
  const sizes = call.attribute("numOrSizeSplits");
  const lengths = backend_util.prepareSplitSize(
    { shape: [...x.shape] } as never,
    typeof sizes === "number" ? sizes : [...call.numbers("numOrSizeSplits")],
    axis,
  );
  let start = 0;
  return lengths.map((length) => {
    const part = sliceTensor(call.graph, x, [{ axis, start, end: start + length }]);
    start += length;
    return part;
  });
};

/** Repeats; an axis of length 1 is repeated lazily. */
const tile: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const reps = call.numbers("reps");
  const shape = x.shape.map((dim, axis) => dim * reps[axis]!);
  if (x.value.dims.length === 0) return symbolic(shape, x.dtype, x.value);
  const value = rankedValue(graph, x, x.layout);
  const order = axisOrder(x.shape.length, x.layout);
  const stored = order.map((axis, position) => (value.dims[position] === 1 ? 1 : reps[axis]!));
  if (stored.every((count) => count === 1)) return symbolic(shape, x.dtype, value, x.layout);
  const dims = value.dims.map((dim, position) => dim * stored[position]!);
  const tiled = graph.one("Tile", [value, graph.int64s(stored)], { dims, dtype: x.dtype });
  return symbolic(shape, x.dtype, tiled, x.layout);
};

export const shapeKernels: KernelTable = {
  Concat: concatKernel,
  ExpandDims: expandDims,
  Pack: pack,
  Reshape: reshapeKernel,
  Reverse: reverse,
  Slice: sliceKernel,
  SplitV: split,
  StridedSlice: stridedSlice,
  Tile: tile,
  Transpose: transposeKernel,
  Unpack: unpack,
};
