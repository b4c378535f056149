import {
  scalarOf,
  sizeOf,
  type ConstantData,
  type GraphBuilder,
  type OnnxDtype,
  type Value,
} from "./graph-builder.ts";

export const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, axis) => dim === b[axis]);

/** True if the permutation leaves the order of all axes longer than 1 alone, so that it moves no element. */
export function movesNothing(dims: readonly number[], permutation: readonly number[]): boolean {
  const moved = permutation.filter((axis) => dims[axis] !== 1);
  return moved.every((axis, index) => index === 0 || moved[index - 1]! < axis);
}

export function reshape(graph: GraphBuilder, value: Value, dims: readonly number[]): Value {
  if (sameDims(value.dims, dims)) return value;
  if (sizeOf(value.dims) !== sizeOf(dims)) {
    throw new RangeError(`Cannot reshape [${value.dims.join()}] to [${dims.join()}]`);
  }
  if (value.constant) return graph.constant(value.constant, dims, value.dtype);
  const producer = graph.producer(value);
  if (producer?.op === "Reshape") return reshape(graph, producer.inputs[0]!, dims);
  return reshapeBeforeTranspose(graph, value, dims) ?? emitReshape(graph, value, dims);
}

const emitReshape = (graph: GraphBuilder, value: Value, dims: readonly number[]): Value =>
  graph.one("Reshape", [value, graph.int64s(dims)], { dims, dtype: value.dtype });

const channelsToEnd = "0,2,3,1";

/**
 * Where pixels that were put in front of their channels are only joined to one axis or split into two, the pixels are
 * joined or split first: the transposition, now last, can meet another that undoes it.
 */
function reshapeBeforeTranspose(
  graph: GraphBuilder,
  value: Value,
  dims: readonly number[],
): Value | undefined {
  const producer = graph.producer(value);
  const source = producer?.op === "Transpose" ? producer.inputs[0] : undefined;
  if (source === undefined) return undefined;
  const permutation = producer?.attributes?.["perm"];
  const order = permutation && "ints" in permutation ? permutation.ints.join() : "";
  const [batch, first, second, third] = value.dims;
  const joins = order === channelsToEnd && sameDims(dims, [batch!, first! * second!, third!]);
  if (joins) {
    const flat = reshape(graph, source, [batch!, third!, first! * second!]);
    return emitTranspose(graph, flat, [0, 2, 1]);
  }
  const splits =
    order === "0,2,1" &&
    dims.length === 4 &&
    dims[0] === batch &&
    dims[1]! * dims[2]! === first &&
    dims[3] === second;
  if (!splits) return undefined;
  const image = reshape(graph, source, [batch!, second!, dims[1]!, dims[2]!]);
  return emitTranspose(graph, image, [0, 2, 3, 1]);
}

function emitTranspose(graph: GraphBuilder, value: Value, permutation: readonly number[]): Value {
  const dims = permutation.map((axis) => value.dims[axis]!);
  return graph.one(
    "Transpose",
    [value],
    { dims, dtype: value.dtype },
    { attributes: { perm: { ints: permutation } } },
  );
}

export function transpose(graph: GraphBuilder, value: Value, permutation: readonly number[]): Value {
  const dims = permutation.map((axis) => value.dims[axis]!);
  if (movesNothing(value.dims, permutation)) return reshape(graph, value, dims);
  if (value.constant) {
    return graph.constant(transposedData(value.constant, value.dims, permutation), dims, value.dtype);
  }
  const producer = graph.producer(value);
  if (producer?.op === "Transpose") {
    const first = producer.attributes?.["perm"];
    if (first && "ints" in first) {
      const combined = permutation.map((axis) => first.ints[axis]!);
      return transpose(graph, producer.inputs[0]!, combined);
    }
  }
  return emitTranspose(graph, value, permutation);
}

function transposedData(
  data: ConstantData,
  dims: readonly number[],
  permutation: readonly number[],
): ConstantData {
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  const outDims = permutation.map((axis) => dims[axis]!);
  const outStrides = permutation.map((axis) => strides[axis]!);
  const sourceIndex = new Int32Array(data.length);
  const position = outDims.map(() => 0);
  let source = 0;
  for (let target = 0; target < data.length; target++) {
    sourceIndex[target] = source;
    for (let axis = outDims.length - 1; axis >= 0; axis--) {
      position[axis]!++;
      source += outStrides[axis]!;
      if (position[axis]! < outDims[axis]!) break;
      source -= outStrides[axis]! * outDims[axis]!;
      position[axis] = 0;
    }
  }
  if (data instanceof BigInt64Array)
    return BigInt64Array.from(data, (_, target) => data[sourceIndex[target]!]!);
  const result = data.slice();
  for (let target = 0; target < data.length; target++) result[target] = data[sourceIndex[target]!]!;
  return result;
}

/** Repeats axes of length 1 (or a scalar) up to `dims`. */
export function expand(graph: GraphBuilder, value: Value, dims: readonly number[]): Value {
  if (sizeOf(value.dims) === sizeOf(dims)) return reshape(graph, value, dims);
  return graph.one("Expand", [value, graph.int64s(dims)], { dims, dtype: value.dtype });
}

export function cast(graph: GraphBuilder, value: Value, dtype: OnnxDtype): Value {
  if (value.dtype === dtype) return value;
  const known = scalarOf(value);
  if (known !== undefined && Number.isFinite(known)) {
    return reshape(
      graph,
      graph.scalar(dtype === "float32" ? known : castNumber(known, dtype), dtype),
      value.dims,
    );
  }
  return graph.one(
    "Cast",
    [value],
    { dims: value.dims, dtype },
    { attributes: { to: { int: onnxTypeCodes[dtype] } } },
  );
}

const castNumber = (value: number, dtype: OnnxDtype): number =>
  dtype === "bool" ? Number(value !== 0) : Math.trunc(value);

/** TensorProto.DataType of the ONNX specification. */
export const onnxTypeCodes: Readonly<Record<OnnxDtype, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

/** ONNX Slice along the given axes; with a negative step, `end` = -1 means "past the first element". */
export function slice(graph: GraphBuilder, value: Value, ranges: readonly AxisRange[]): Value {
  const real = ranges.filter(
    ({ axis, start, end, step = 1 }) => step !== 1 || start !== 0 || end !== value.dims[axis],
  );
  if (real.length === 0) return value;
  const dims = [...value.dims];
  for (const { axis, start, end, step = 1 } of real)
    dims[axis] = Math.max(0, Math.ceil((end - start) / step));
  const ends = real.map(({ end, step = 1 }) => (step < 0 && end < 0 ? -(2 ** 31) : end));
  return graph.one(
    "Slice",
    [
      value,
      graph.int64s(real.map((range) => range.start)),
      graph.int64s(ends),
      graph.int64s(real.map((range) => range.axis)),
      graph.int64s(real.map((range) => range.step ?? 1)),
    ],
    { dims, dtype: value.dtype },
  );
}
