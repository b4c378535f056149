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
  const shape = [batch!, newHeight!, newWidth!, channels!];
  const dims = [batch!, channels!, newHeight!, newWidth!];
  const mode = sampling.alignCorners
    ? "align_corners"
    : sampling.halfPixelCenters
      ? "half_pixel"
      : "asymmetric";
  if (height === newHeight && width === newWidth) return asFloatImages(call, images);
  const value = graph.one(
    "Resize",
    [fullValue(graph, asFloatImages(call, images), "nchw"), undefined, undefined, graph.int64s(dims)],
    { dims, dtype: "float32" },
    { attributes: { mode: { text: "linear" }, coordinate_transformation_mode: { text: mode } } },
  );
  return symbolic(shape, "float32", value, "nchw");
};

function asFloatImages(call: KernelCall, images: SymbolicTensor): SymbolicTensor {
  if (images.dtype !== "float32") throw call.unsupported(`images of dtype ${images.dtype}`);
  return images;
}

const nearest: Kernel = (call) => {
  const images = call.input("images");
  const sampling = readSampling(call);
  const [newHeight, newWidth] = call.numbers("size");
  const rows = nearestPositions(sampling, images.shape[1]!, newHeight!);
  const columns = nearestPositions(sampling, images.shape[2]!, newWidth!);
  return takeAlong(call.graph, takeAlong(call.graph, images, 1, rows), 2, columns);
};

/** dx = Rhᵀ · dy · Rw, with the tables R of shares by which the forward kernel mixes rows and columns. */
const gradient =
  (table: ShareTable): Kernel =>
  (call) => {
    const { graph } = call;
    const [images, dy] = [call.input("images"), call.input("dy")];
    const sampling = readSampling(call);
    call.attribute("size"); // The spatial shape of dy.
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const [newHeight, newWidth] = [dy.shape[1]!, dy.shape[2]!];
    const rows = tableValue(graph, table(sampling, height, newHeight), [newHeight, height], true);
    const columns = tableValue(graph, table(sampling, width, newWidth), [newWidth, width], false);
    const inner = graph.one("MatMul", [fullValue(graph, dy, "nchw"), columns], {
      dims: [batch, channels, newHeight, width],
      dtype: "float32",
    });
    const dims = [batch, channels, height, width];
    return symbolic(
      images.shape,
      "float32",
      graph.one("MatMul", [rows, inner], { dims, dtype: "float32" }),
      "nchw",
    );
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
