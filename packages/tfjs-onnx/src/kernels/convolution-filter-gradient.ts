import { blockedFilterGradient, usableBlock } from "../blocked-layout.ts";
import { readConvolution, type Convolution } from "../convolution-geometry.ts";
import { microsoftDomain, sizeOf, type GraphBuilder, type Value } from "../graph-builder.ts";
import type { KernelCall } from "../kernel.ts";
import { reshape, slice, transpose } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { endPadding, isPointwise, slidingOutput, windowAttributes, type Window2D } from "../window.ts";

/** dw of a dense convolution: a sum of x · dyᵀ for 1×1, else x convolved with dy, batch and channels exchanged. */
export function convolutionFilterGradient(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const filterShape = call.numbers("filterShape");
  const convolution = readConvolution(call, { inputShape: call.input("x").shape, filterShape });
  const { info, layout, window } = convolution;
  const x = fullValue(graph, call.input("x"), layout);
  const dy = fullValue(graph, call.input("dy"), layout);
  if (isPointwise(window) && endPadding(window).every((pad) => pad === 0)) {
    return symbolic(filterShape, "float32", pointwise(graph, convolution, x, dy));
  }
  if (layout === "nchw" && info.inChannels * sizeOf(window.kernel) <= info.outChannels) {
    return symbolic(filterShape, "float32", fewColumns(graph, convolution, x, dy));
  }
  const exchanged = [1, 0, 2, 3];
  const raw = slideOutputOverInput(graph, window, {
    x: transpose(graph, x, exchanged),
    dy: transpose(graph, dy, exchanged),
    channels: info.outChannels,
    group: 1,
  });
  return symbolic(filterShape, "float32", transpose(graph, raw, [2, 3, 0, 1])); // [in, out, kh, kw] → [kh, kw, in, out]
}

function pointwise(graph: GraphBuilder, convolution: Convolution, x: Value, dy: Value): Value {
  const { info, window } = convolution;
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const read = [0, 1].map((axis) => ({
    axis: axis + 2,
    start: 0,
    end: (window.output[axis]! - 1) * window.strides[axis]! + 1,
    step: window.strides[axis]!,
  }));
  const pixels = outHeight * outWidth;
  const left = reshape(graph, slice(graph, x, read), [batchSize, inChannels, pixels]);
  const right = reshape(graph, dy, [batchSize, outChannels, pixels]);
  const filterDims = [1, 1, inChannels, outChannels];
  // One matrix for each image would be larger than the images: their pixels are then lined up, for one product.
  if (inChannels * outChannels > (inChannels + outChannels) * pixels) {
    const lined = (value: Value): Value =>
      reshape(graph, transpose(graph, value, [1, 0, 2]), [value.dims[1]!, batchSize * pixels]);
    const type = { dims: [inChannels, outChannels], dtype: "float32" } as const;
    const attributes = { transB: { int: 1 } };
    return reshape(graph, graph.one("Gemm", [lined(left), lined(right)], type, { attributes }), filterDims);
  }
  const products = timesTransposed(graph, [left, right], [batchSize, inChannels, outChannels]);
  return reshape(graph, sumOverFirstAxis(graph, products), filterDims);
}

/** The input elements under each element of the filter as rows, [N, kh · kw · in, pixels], times dyᵀ. */
function fewColumns(graph: GraphBuilder, { info, window }: Convolution, x: Value, dy: Value): Value {
  const { batchSize, inChannels, outChannels } = info;
  const padEnd = endPadding(window);
  const padded = pad(graph, x, [0, 0, ...window.padStart], [0, 0, ...padEnd]);
  const [height, width] = window.kernel;
  const rows = Array.from({ length: height * width }, (_, index) => {
    const offset = [Math.floor(index / width), index % width];
    const ranges = [0, 1].map((axis) => {
      const start = offset[axis]! * window.dilations[axis]!;
      const end = start + (window.output[axis]! - 1) * window.strides[axis]! + 1;
      return { axis: axis + 2, start, end, step: window.strides[axis]! };
    });
    return slice(graph, padded, ranges);
  });
  const depth = height * width * inChannels;
  const pixels = sizeOf(window.output);
  const columns = graph.one(
    "Concat",
    rows,
    { dims: [batchSize, depth, ...window.output], dtype: "float32" },
    { attributes: { axis: { int: 1 } } },
  );
  const operands = [
    reshape(graph, columns, [batchSize, depth, pixels]),
    reshape(graph, dy, [batchSize, outChannels, pixels]),
  ] as const;
  const products = timesTransposed(graph, operands, [batchSize, depth, outChannels]);
  return reshape(graph, sumOverFirstAxis(graph, products), [height, width, inChannels, outChannels]);
}

function pad(graph: GraphBuilder, x: Value, start: readonly number[], end: readonly number[]): Value {
  if ([...start, ...end].every((count) => count === 0)) return x;
  const dims = x.dims.map((dim, axis) => dim + start[axis]! + end[axis]!);
  return graph.one("Pad", [x, graph.int64s([...start, ...end])], { dims, dtype: x.dtype });
}

/** a · bᵀ of the last two axes. */
function timesTransposed(
  graph: GraphBuilder,
  [a, b]: readonly [Value, Value],
  dims: readonly number[],
): Value {
  const type = { dims, dtype: "float32" } as const;
  return graph.target === "cpu"
    ? graph.one("FusedMatMul", [a, b], type, {
        domain: microsoftDomain,
        attributes: { transB: { int: 1 } },
      })
    : graph.one("MatMul", [a, transpose(graph, b, [0, 2, 1])], type);
}

function sumOverFirstAxis(graph: GraphBuilder, value: Value): Value {
  const dims = value.dims.slice(1);
  if (value.dims[0] === 1) return reshape(graph, value, dims);
  return graph.one(
    "ReduceSum",
    [value, graph.int64s([0])],
    { dims, dtype: value.dtype },
    { attributes: { keepdims: { int: 0 } } },
  );
}

/** dw of a depthwise convolution: one grouped convolution, a group for each image and channel, summed over images. */
export function depthwiseFilterGradient(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const filterShape = call.numbers("filterShape");
  const convolution = readConvolution(call, {
    inputShape: call.input("x").shape,
    filterShape,
    isDepthwise: true,
  });
  const { info, layout, window } = convolution;
  const { batchSize, inChannels, outChannels, filterHeight, filterWidth } = info;
  const block = usableBlock(graph, inChannels, filterShape[3]!);
  if (block !== undefined) {
    const operands = [call.input("x"), call.input("dy")].map((tensor) => fullValue(graph, tensor, layout));
    const value = blockedFilterGradient(graph, { window, block }, operands[0]!, operands[1]!);
    return symbolic(filterShape, "float32", value);
  }
  const raw = slideOutputOverInput(graph, window, {
    x: reshape(graph, fullValue(graph, call.input("x"), layout), [
      1,
      batchSize * inChannels,
      ...window.input,
    ]),
    dy: reshape(graph, fullValue(graph, call.input("dy"), layout), [
      batchSize * outChannels,
      1,
      ...window.output,
    ]),
    channels: batchSize * outChannels,
    group: batchSize * inChannels,
  });
  const perImage = reshape(graph, raw, [batchSize, outChannels, filterHeight, filterWidth]);
  const summed = reshape(graph, sumOverFirstAxis(graph, perImage), [
    inChannels,
    outChannels / inChannels,
    filterHeight,
    filterWidth,
  ]);
  return symbolic(filterShape, "float32", transpose(graph, summed, [2, 3, 0, 1]));
}

interface SlideRequest {
  readonly x: Value;
  readonly dy: Value;
  readonly channels: number;
  readonly group: number;
}

function slideOutputOverInput(graph: GraphBuilder, window: Window2D, request: SlideRequest): Value {
  const { sliding, padEnd, reached } = slidingOutput(window);
  const value = graph.one(
    "Conv",
    [request.x, request.dy],
    { dims: [request.x.dims[0]!, request.channels, ...reached], dtype: "float32" },
    { attributes: windowAttributes(sliding, padEnd, request.group) },
  );
  return slice(
    graph,
    value,
    [0, 1].map((axis) => ({ axis: axis + 2, start: 0, end: window.kernel[axis]! })),
  );
}
