import { broadcast_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder, GraphDtype, OnnxDtype, Value } from "./graph-builder.ts";
import { reshape } from "./rearrange.ts";
import { compactValue, isLayoutFree, symbolic, type Layout, type SymbolicTensor } from "./symbolic-tensor.ts";

export interface BroadcastOperands {
  readonly shape: readonly number[];
  readonly layout: Layout;
  /** Operands that ONNX broadcasts to `dims`. */
  readonly values: readonly Value[];
  readonly dims: readonly number[];
}

export function broadcastShape(tensors: readonly SymbolicTensor[]): number[] {
  return tensors.reduce<number[]>(
    (shape, tensor) => broadcast_util.assertAndGetBroadcastShape(shape, [...tensor.shape]),
    [],
  );
}

/** The layout in which the fewest elements must be moved: NCHW wherever one operand is bound to it. */
export function commonLayout(tensors: readonly SymbolicTensor[], rank: number): Layout {
  if (rank !== 4) return "logical";
  const bound = tensors.filter((tensor) => tensor.shape.length === 4 && !isLayoutFree(tensor));
  const deciding = bound.length > 0 ? bound : tensors.filter((tensor) => tensor.value.dims.length === 4);
  return deciding.some((tensor) => tensor.layout === "nchw") ? "nchw" : "logical";
}

export function broadcastOperands(
  graph: GraphBuilder,
  tensors: readonly SymbolicTensor[],
): BroadcastOperands {
  const shape = broadcastShape(tensors);
  const rank = shape.length;
  const layout = commonLayout(tensors, rank);
  const values = tensors.map((tensor) => compactValue(graph, withRank(graph, tensor, rank), layout));
  const isSplat = values.every((value) => value.dims.length === 0);
  const dims = isSplat
    ? []
    : shape.map((_, axis) =>
        values.reduce(
          (dim, value) => (value.dims.length > 0 && value.dims[axis] !== 1 ? value.dims[axis]! : dim),
          1,
        ),
      );
  return { shape, layout, values, dims };
}

/** The same elements with leading axes of length 1 up to `rank`. */
function withRank(graph: GraphBuilder, tensor: SymbolicTensor, rank: number): SymbolicTensor {
  const missing = rank - tensor.shape.length;
  if (missing === 0 || tensor.value.dims.length === 0) return tensor;
  const lead = Array.from({ length: missing }, () => 1);
  const value = reshape(graph, compactValue(graph, tensor, "logical"), [...lead, ...tensor.value.dims]);
  return symbolic([...lead, ...tensor.shape], tensor.dtype, value);
}

/** One ONNX element-wise operator with broadcasting. */
export function elementwise(
  graph: GraphBuilder,
  op: string,
  tensors: readonly SymbolicTensor[],
  dtype: GraphDtype,
): SymbolicTensor {
  const { shape, layout, values, dims } = broadcastOperands(graph, tensors);
  return symbolic(shape, dtype, graph.one(op, values, { dims, dtype }), layout);
}

/** A chain of element-wise operators on one value; the layout stays. */
export function mapValue(
  tensor: SymbolicTensor,
  dtype: GraphDtype,
  map: (value: Value) => Value,
): SymbolicTensor {
  return symbolic(tensor.shape, dtype, map(tensor.value), tensor.layout);
}

/** `op(value, ...)` for operands of which one has the dims of the result and the others are scalars. */
export function scalarOp(
  graph: GraphBuilder,
  op: string,
  values: readonly Value[],
  dtype?: OnnxDtype,
): Value {
  const widest = values.reduce((best, value) => (value.dims.length > best.dims.length ? value : best));
  return graph.one(op, values, { dims: widest.dims, dtype: dtype ?? widest.dtype });
}
