import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { transpose } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import {
  bilinearShares,
  nearestPositions,
  nearestShares,
  type Sampling,
  type ShareTable,
} from "../resampling.ts";
import { takeAlong } from "./padding.ts";

const readSampling = (call: KernelCall): Sampling => ({
  alignCorners: call.flag("alignCorners"),
  halfPixelCenters: call.flag("halfPixelCenters"),
});

const bilinear: Kernel = (call) => {
  const { graph } = call;
  const images = call.input("images");
  const sampling = readSampling(call);
  const [batch, height, width, channels] = images.shape;
  const [newHeight, newWidth] = call.numbers("size");
  if (sampling.alignCorners && sampling.halfPixelCenters) {
    throw call.refused("halfPixelCenters", "which excludes alignCorners");
  }
  if (height === newHeight && width === newWidth) return images;
  const shape = [batch!, newHeight!, newWidth!, channels!];
  const planes = fullValue(graph, images, "nchw");
  if (isTransposed(graph, images)) {
    const rows = tableValue(
      graph,
      bilinearShares(sampling, height!, newHeight!),
      [newHeight!, height!],
      false,
    );
    const columns = tableValue(graph, bilinearShares(sampling, width!, newWidth!), [newWidth!, width!], true);
    return symbolic(shape, "float32", mixed(graph, [rows, planes, columns]), "nchw");
  }
  const dims = [batch!, channels!, newHeight!, newWidth!];
  const value = graph.one(
    "Resize",
    [planes, undefined, undefined, graph.int64s(dims)],
    { dims, dtype: "float32" },
    {
      attributes: { mode: { text: "linear" }, coordinate_transformation_mode: { text: onnxMode(sampling) } },
    },
  );
  return symbolic(shape, "float32", value, "nchw");
};

/**
 * ONNX Runtime pushes transpositions through Resize, also such as make it refuse the graph: it resizes only the two
 * last axes, or the two in the middle.
 */
const isTransposed = (graph: GraphBuilder, images: SymbolicTensor): boolean =>
  images.layout !== "nchw" && graph.producer(images.value) !== undefined;

function onnxMode({ alignCorners, halfPixelCenters }: Sampling): string {
  if (alignCorners) return "align_corners";
  return halfPixelCenters ? "half_pixel" : "asymmetric";
}

const nearest: Kernel = (call) => {
  const images = call.input("images");
  const sampling = readSampling(call);
  const [newHeight, newWidth] = call.numbers("size");
  const rows = nearestPositions(sampling, images.shape[1]!, newHeight!);
  const columns = nearestPositions(sampling, images.shape[2]!, newWidth!);
  return takeAlong(call.graph, takeAlong(call.graph, images, 1, rows), 2, columns);
};

/** left · planes · right, for all planes of [B, C, H, W] */
function mixed(graph: GraphBuilder, [left, planes, right]: readonly [Value, Value, Value]): Value {
  const [batch, channels, height] = planes.dims as [number, number, number];
  const dims = [batch, channels, height, right.dims[1]!];
  const inner = graph.one("MatMul", [planes, right], { dims, dtype: "float32" });
  return graph.one("MatMul", [left, inner], { dims: dims.with(2, left.dims[0]!), dtype: "float32" });
}

/** dx = Rhᵀ · dy · Rw, with the tables R of shares by which the forward kernel mixes rows and columns. */
const gradient =
  (table: ShareTable): Kernel =>
  (call) => {
    const { graph } = call;
    const [images, dy] = [call.input("images"), call.input("dy")];
    const sampling = readSampling(call);
    call.attribute("size"); // The spatial shape of dy.
    const [, height, width] = images.shape as [number, number, number];
    const [newHeight, newWidth] = [dy.shape[1]!, dy.shape[2]!];
    const rows = tableValue(graph, table(sampling, height, newHeight), [newHeight, height], true);
    const columns = tableValue(graph, table(sampling, width, newWidth), [newWidth, width], false);
    const planes = fullValue(graph, dy, "nchw");
    return symbolic(images.shape, "float32", mixed(graph, [rows, planes, columns]), "nchw");
  };

// A table, its dims and whether it is wanted turned.
function tableValue(
  graph: GraphBuilder,
  data: Float32Array,
  dims: readonly number[],
  isTransposed: boolean,
): Value {
  const value = graph.constant(data, dims, "float32");
  return isTransposed ? transpose(graph, value, [1, 0]) : value;
}

export const resizeKernels: KernelTable = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: gradient(bilinearShares),
  ResizeNearestNeighbor: nearest,
  ResizeNearestNeighborGrad: gradient(nearestShares),
};
