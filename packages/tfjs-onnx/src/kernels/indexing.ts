import { elementwise, mapValue } from "../broadcast.ts";
import { sizeOf, type GraphBuilder } from "../graph-builder.ts";
import type { Kernel, KernelTable } from "../kernel.ts";
import { cast, reshape, slice, transpose } from "../rearrange.ts";
import { fullValue, physicalAxis, splat, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { reshapeTensor } from "./shape.ts";

/** Negative axes count from the end. */
const wrapped = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const gather: Kernel = (call) => {
  const { graph } = call;
  const [x, indices] = [call.input("x"), call.input("indices")];
  const axis = wrapped(call.number("axis"), x.shape.length);
  const batchDims = call.attribute("batchDims") === undefined ? 0 : call.number("batchDims");
  if (batchDims !== 0)
    return batchedGather(graph, [x, indices], [axis, wrapped(batchDims, indices.shape.length)]);
  const dims = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const value = graph.one(
    "Gather",
    [fullValue(graph, x), fullValue(graph, indices)],
    { dims, dtype: x.dtype },
    { attributes: { axis: { int: axis } } },
  );
  return symbolic(dims, x.dtype, value);
};

/** The rows of all batches one below the other, the indices moved on by whole batches. */
function batchedGather(
  graph: GraphBuilder,
  [x, indices]: readonly [SymbolicTensor, SymbolicTensor],
  [axis, batchDims]: readonly [number, number],
): SymbolicTensor {
  const batch = sizeOf(x.shape.slice(0, batchDims));
  const outer = sizeOf(x.shape.slice(batchDims, axis));
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const count = sizeOf(indices.shape.slice(batchDims));
  const split = reshape(graph, fullValue(graph, x), [batch, outer, length, inner]);
  const table = reshape(graph, transpose(graph, split, [0, 2, 1, 3]), [batch * length, outer, inner]);
  const firsts = Int32Array.from({ length: batch }, (_, index) => index * length);
  const moved = elementwise(
    graph,
    "Add",
    [
      reshapeTensor(graph, indices, [batch, count]),
      symbolic([batch, 1], "int32", graph.constant(firsts, [batch, 1], "int32")),
    ],
    "int32",
  );
  const taken = graph.one(
    "Gather",
    [table, fullValue(graph, moved)],
    { dims: [batch, count, outer, inner], dtype: x.dtype },
    { attributes: { axis: { int: 0 } } },
  );
  const dims = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
  return symbolic(dims, x.dtype, reshape(graph, transpose(graph, taken, [0, 2, 1, 3]), dims));
}

const gatherNd: Kernel = (call) => {
  const { graph } = call;
  const [params, indices] = [call.input("params"), call.input("indices")];
  const dims = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))];
  const value = graph.one(
    "GatherND",
    [fullValue(graph, params), cast(graph, fullValue(graph, indices), "int64")],
    { dims, dtype: params.dtype },
  );
  return symbolic(dims, params.dtype, value);
};

/** indices[..., None] == [0, depth): false throughout for an index outside, as tfjs has it. */
export function oneHotOf(graph: GraphBuilder, indices: SymbolicTensor, depth: number): SymbolicTensor {
  const column = reshapeTensor(graph, indices, [...indices.shape, 1]);
  return elementwise(graph, "Equal", [column, positionsOf(graph, depth)], "bool");
}

/** 0, 1, …, count - 1 */
export function positionsOf(graph: GraphBuilder, count: number): SymbolicTensor {
  const positions = Int32Array.from({ length: count }, (_, index) => index);
  return symbolic([count], "int32", graph.constant(positions, [count], "int32"));
}

const oneHot: Kernel = (call) => {
  const { graph } = call;
  const given = call.input("indices");
  const indices = mapValue(given, "int32", (value) => cast(graph, value, "int32"));
  const dtype = call.text("dtype", "float32");
  const [onValue, offValue] = [call.number("onValue"), call.number("offValue")];
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
    throw call.refused("dtype", "expected a number type");
  }
  const hot = oneHotOf(graph, indices, call.number("depth"));
  const numbers = [onValue, offValue].map((value) => splat(graph, [], "float32", value));
  const chosen = elementwise(graph, "Where", [hot, ...numbers], "float32");
  return mapValue(chosen, dtype, (value) => cast(graph, value, dtype));
};

const cumulativeSum: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const stored = physicalAxis(wrapped(call.number("axis"), x.shape.length), x.layout);
  const full = fullValue(graph, x, x.layout);
  const value = graph.one(
    "CumSum",
    [full, graph.constant(Int32Array.of(stored), [], "int32")],
    { dims: full.dims, dtype: x.dtype },
    {
      attributes: {
        exclusive: { int: Number(call.flag("exclusive")) },
        reverse: { int: Number(call.flag("reverse")) },
      },
    },
  );
  return symbolic(x.shape, x.dtype, value, x.layout);
};

/** ONNX has no running product: doubling steps y ← y · (y moved on by d), d = 1, 2, 4, … */
const cumulativeProduct: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const axis = wrapped(call.number("axis"), x.shape.length);
  const isReverse = call.flag("reverse");
  const length = x.shape[axis]!;
  const type = { dims: [...x.shape], dtype: x.dtype } as const;
  const moved = (value: typeof full, by: number): typeof full => {
    const kept = slice(graph, value, [
      { axis, start: isReverse ? by : 0, end: isReverse ? length : length - by },
    ]);
    const pads = [0, 1].flatMap((side) =>
      x.shape.map((_, index) => (index === axis && (side === 1) === isReverse ? by : 0)),
    );
    return graph.one("Pad", [kept, graph.int64s(pads), graph.scalar(1, x.dtype)], type, {
      attributes: { mode: { text: "constant" } },
    });
  };
  const full = fullValue(graph, x);
  let value = full;
  for (let by = 1; by < length; by *= 2) value = graph.one("Mul", [value, moved(value, by)], type);
  return symbolic(x.shape, x.dtype, call.flag("exclusive") ? moved(value, 1) : value);
};

const topK: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const k = call.number("k");
  const isSorted = call.flag("sorted");
  const dims = [...x.shape.slice(0, -1), k];
  const [values, indices] = graph.node({
    op: "TopK",
    inputs: [fullValue(graph, x), graph.int64s([k])],
    attributes: { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: Number(isSorted) } },
    outputs: [
      { dims, dtype: x.dtype },
      { dims, dtype: "int64" },
    ],
  });
  return [symbolic(dims, x.dtype, values!), symbolic(dims, "int32", cast(graph, indices!, "int32"))];
};

const depthToSpace: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const block = call.number("blockSize");
  if (call.text("dataFormat", "NHWC") !== "NHWC") throw call.refused("dataFormat", "expected NHWC");
  const [batch, height, width, depth] = x.shape as [number, number, number, number];
  const shape = [batch, height * block, width * block, depth / (block * block)];
  const value = graph.one(
    "DepthToSpace",
    [fullValue(graph, x, "nchw")],
    { dims: [shape[0]!, shape[3]!, shape[1]!, shape[2]!], dtype: x.dtype },
    { attributes: { blocksize: { int: block }, mode: { text: "DCR" } } },
  );
  return symbolic(shape, x.dtype, value, "nchw");
};

export const indexingKernels: KernelTable = {
  Cumprod: cumulativeProduct,
  Cumsum: cumulativeSum,
  DepthToSpace: depthToSpace,
  GatherNd: gatherNd,
  GatherV2: gather,
  OneHot: oneHot,
  TopK: topK,
};
