import { sizeOf, type GraphBuilder, type Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { expand, reshape, slice, transpose } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import {
  kernelVolume,
  paddingOf,
  readDims,
  readPart,
  readVolumeWindow,
  restorePart,
  slidingAttributes,
  triple,
  volumeAttributes,
  type VolumeWindow,
} from "../volume-window.ts";

// Volumes are stored as tfjs has them, [N, D, H, W, C]: each operator turns them to [N, C, D, H, W] and back.
const toChannelsFirst = [0, 4, 1, 2, 3];
const toChannelsLast = [0, 2, 3, 4, 1];

const channelsFirst = (graph: GraphBuilder, tensor: SymbolicTensor): Value =>
  transpose(graph, fullValue(graph, tensor), toChannelsFirst);

function channelsLast(graph: GraphBuilder, value: Value): SymbolicTensor {
  const turned = transpose(graph, value, toChannelsLast);
  return symbolic(turned.dims, "float32", turned);
}

const outputDims = ({ info, axes }: VolumeWindow): number[] => [
  info.batchSize,
  info.outChannels,
  ...axes.map(({ output }) => output),
];

/** [kd, kh, kw, in, out] → [out, in, kd, kh, kw] */
const filterValue = (graph: GraphBuilder, filter: SymbolicTensor): Value =>
  transpose(graph, fullValue(graph, filter), [4, 3, 0, 1, 2]);

const convolution: Kernel = (call) => {
  const { graph } = call;
  const [x, filter] = [call.input("x"), call.input("filter")];
  const window = readVolumeWindow(call, { input: x.shape, filter: filter.shape });
  const value = graph.one(
    "Conv",
    [readPart(graph, window, channelsFirst(graph, x)), filterValue(graph, filter)],
    { dims: outputDims(window), dtype: "float32" },
    { attributes: volumeAttributes(window) },
  );
  return channelsLast(graph, value);
};

/** Also the kernel of tf.conv3dTranspose. */
const convolutionInputGradient: Kernel = (call) => {
  const { graph } = call;
  const filter = call.input("filter");
  const window = readVolumeWindow(call, { input: call.numbers("inputShape"), filter: filter.shape });
  const value = graph.one(
    "ConvTranspose",
    [channelsFirst(graph, call.input("dy")), filterValue(graph, filter)],
    { dims: [window.info.batchSize, window.info.inChannels, ...readDims(window)], dtype: "float32" },
    { attributes: volumeAttributes(window) },
  );
  return channelsLast(graph, restorePart(graph, window, value));
};

const convolutionFilterGradient: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const filterShape = call.numbers("filterShape");
  const window = readVolumeWindow(call, { input: x.shape, filter: filterShape });
  const exchanged = [1, 0, 2, 3, 4];
  const image = transpose(graph, readPart(graph, window, channelsFirst(graph, x)), exchanged);
  const dy = transpose(graph, channelsFirst(graph, call.input("dy")), exchanged);
  const kernel = window.axes.map((axis) => axis.kernel);
  const value = graph.one(
    "Conv",
    [image, dy],
    { dims: [window.info.inChannels, window.info.outChannels, ...kernel], dtype: "float32" },
    { attributes: slidingAttributes(window) },
  );
  return symbolic(filterShape, "float32", transpose(graph, value, [2, 3, 4, 0, 1]));
};

function readPooling(call: KernelCall, x: SymbolicTensor): VolumeWindow {
  if (x.dtype !== "float32") throw call.unsupported(`values of dtype ${x.dtype}`);
  const channels = x.shape[4]!;
  const filter = [...triple(call.numbers("filterSize")), channels, channels];
  const window = readVolumeWindow(call, { input: x.shape, filter });
  const { start, end } = paddingOf(window);
  if (window.axes.some(({ kernel }, axis) => Math.max(start[axis]!, end[axis]!) >= kernel)) {
    throw call.refused("pad", "so that windows lie wholly in the padding");
  }
  return window;
}

function poolAttributes(window: VolumeWindow) {
  const { kernel_shape, strides, pads } = volumeAttributes(window);
  return { kernel_shape: kernel_shape!, strides: strides!, pads: pads! };
}

const pool =
  (op: "MaxPool" | "AveragePool"): Kernel =>
  (call) => {
    const { graph } = call;
    const x = call.input("x");
    const window = readPooling(call, x);
    const value = graph.one(
      op,
      [readPart(graph, window, channelsFirst(graph, x))],
      { dims: outputDims(window), dtype: "float32" },
      { attributes: poolAttributes(window) },
    );
    return channelsLast(graph, value);
  };

/** Divided by the window's size, padding included, as tfjs's CPU kernel has it. */
const averageGradient: Kernel = (call) => {
  const { graph } = call;
  const window = readPooling(call, call.input("input"));
  const dims = outputDims(window);
  const channels = window.info.inChannels;
  const dy = channelsFirst(graph, call.input("dy"));
  const share = graph.scalar(1 / kernelVolume(window));
  const shared = graph.one("Mul", [dy, share], { dims, dtype: "float32" });
  const ones = expand(graph, graph.scalar(1), [channels, 1, ...window.axes.map(({ kernel }) => kernel)]);
  const value = graph.one(
    "ConvTranspose",
    [shared, ones],
    { dims: [window.info.batchSize, channels, ...readDims(window)], dtype: "float32" },
    { attributes: { ...volumeAttributes(window), group: { int: channels } } },
  );
  return channelsLast(graph, restorePart(graph, window, value));
};

const flip = (graph: GraphBuilder, value: Value): Value =>
  slice(
    graph,
    value,
    [2, 3, 4].map((axis) => ({ axis, start: value.dims[axis]! - 1, end: -1, step: -1 })),
  );

/** tfjs gives dy to the last greatest element of a volume's window: the first one of the mirrored volume. */
const maximumGradient: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("input");
  const window = readPooling(call, x);
  const mirrored = flip(graph, readPart(graph, window, channelsFirst(graph, x)));
  const { start, end } = paddingOf(window);
  const dims = outputDims(window);
  const [, indices] = graph.node({
    op: "MaxPool",
    inputs: [mirrored],
    attributes: { ...poolAttributes(window), pads: { ints: [...end, ...start] } },
    outputs: [
      { dims, dtype: "float32" },
      { dims, dtype: "int64" },
    ],
  });
  const size = sizeOf(mirrored.dims);
  const dy = flip(graph, channelsFirst(graph, call.input("dy")));
  const scattered = graph.one(
    "ScatterElements",
    [
      expand(graph, graph.scalar(0), [size]),
      reshape(graph, indices!, [sizeOf(dims)]),
      reshape(graph, dy, [sizeOf(dims)]),
    ],
    { dims: [size], dtype: "float32" },
    { attributes: { axis: { int: 0 }, reduction: { text: "add" } } },
  );
  const turned = flip(graph, reshape(graph, scattered, mirrored.dims));
  return channelsLast(graph, restorePart(graph, window, turned));
};

export const volumeKernels: KernelTable = {
  AvgPool3D: pool("AveragePool"),
  AvgPool3DGrad: averageGradient,
  Conv3D: convolution,
  Conv3DBackpropFilterV2: convolutionFilterGradient,
  Conv3DBackpropInputV2: convolutionInputGradient,
  MaxPool3D: pool("MaxPool"),
  MaxPool3DGrad: maximumGradient,
};
