import { backend_util } from "@tensorflow/tfjs-core";
import { four, pair, readPadding, readRounding, windowOf } from "../convolution-geometry.ts";
import { sizeOf, type Value } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { cast, expand, reshape } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { endPadding, overhang, windowAttributes, type Window2D } from "../window.ts";

interface Pooling {
  readonly info: backend_util.Conv2DInfo;
  readonly window: Window2D;
}

function readPooling(call: KernelCall, inputShape: readonly number[]): Pooling {
  const info = backend_util.computePool2DInfo(
    four(inputShape),
    pair(call.numbers("filterSize")),
    pair(call.numbers("strides")),
    1,
    readPadding(call),
    readRounding(call),
  );
  return { info, window: windowOf(info) };
}

function poolAttributes(call: KernelCall, window: Window2D) {
  if (
    window.kernel.some((size, axis) => Math.max(window.padStart[axis]!, endPadding(window)[axis]!) >= size)
  ) {
    throw call.refused("pad", "so that windows lie wholly in the padding");
  }
  const { kernel_shape, strides, pads } = windowAttributes(window, endPadding(window), 1);
  return { kernel_shape: kernel_shape!, strides: strides!, pads: pads! };
}

const nchwOutput = ({ info }: Pooling): number[] => [
  info.batchSize,
  info.outChannels,
  info.outHeight,
  info.outWidth,
];
const nchwInput = ({ info }: Pooling): number[] => [
  info.batchSize,
  info.inChannels,
  info.inHeight,
  info.inWidth,
];

/** ONNX pools floats: integers go through float32, which holds them exactly up to 2²⁴. */
const floatImages = (call: KernelCall, x: SymbolicTensor): Value =>
  cast(call.graph, fullValue(call.graph, x, "nchw"), "float32");

const maxPool: Kernel = (call) => {
  const x = call.input("x");
  const pooling = readPooling(call, x.shape);
  const value = call.graph.one(
    "MaxPool",
    [floatImages(call, x)],
    { dims: nchwOutput(pooling), dtype: "float32" },
    { attributes: poolAttributes(call, pooling.window) },
  );
  return symbolic(pooling.info.outShape, x.dtype, cast(call.graph, value, x.dtype), "nchw");
};

/** tfjs numbers positions in NHWC order, with the image's number in front on request; ONNX in NCHW order. */
const maxPoolWithPositions: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const pooling = readPooling(call, x.shape);
  const { info, window } = pooling;
  const dims = nchwOutput(pooling);
  const [value, indices] = graph.node({
    op: "MaxPool",
    inputs: [floatImages(call, x)],
    attributes: poolAttributes(call, window),
    outputs: [
      { dims, dtype: "float32" },
      { dims, dtype: "int64" },
    ],
  });
  const pixels = info.inHeight * info.inWidth;
  const isNumbered = call.flag("includeBatchInIndex");
  const firsts = Array.from({ length: info.batchSize * info.inChannels }, (_, plane) => {
    const [image, channel] = [Math.floor(plane / info.inChannels), plane % info.inChannels];
    return channel + (isNumbered ? image * pixels * info.inChannels : 0);
  });
  const offsets = graph.constant(
    BigInt64Array.from(firsts, BigInt),
    [info.batchSize, info.inChannels, 1, 1],
    "int64",
  );
  const type = { dims, dtype: "int64" } as const;
  const pixel = graph.one("Mod", [indices!, graph.scalar(pixels, "int64")], type);
  const stepped = graph.one("Mul", [pixel, graph.scalar(info.inChannels, "int64")], type);
  const position = cast(graph, graph.one("Add", [stepped, offsets], type), "int32");
  return [
    symbolic(info.outShape, x.dtype, cast(graph, value!, x.dtype), "nchw"),
    symbolic(info.outShape, "int32", position, "nchw"),
  ];
};

/** Adds each dy to the first greatest element of its window, at the index that MaxPool reports. */
const maxPoolGradient: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("input");
  const pooling = readPooling(call, x.shape);
  const dims = nchwOutput(pooling);
  const [, indices] = graph.node({
    op: "MaxPool",
    inputs: [fullValue(graph, x, "nchw")],
    attributes: poolAttributes(call, pooling.window),
    outputs: [
      { dims, dtype: "float32" },
      { dims, dtype: "int64" },
    ],
  });
  const inputSize = sizeOf(x.shape);
  const scattered = graph.one(
    "ScatterElements",
    [
      expand(graph, graph.scalar(0), [inputSize]),
      reshape(graph, indices!, [sizeOf(dims)]),
      reshape(graph, fullValue(graph, call.input("dy"), "nchw"), [sizeOf(dims)]),
    ],
    { dims: [inputSize], dtype: "float32" },
    { attributes: { axis: { int: 0 }, reduction: { text: "add" } } },
  );
  return symbolic(x.shape, "float32", reshape(graph, scattered, nchwInput(pooling)), "nchw");
};

const averagePool: Kernel = (call) => {
  const x = call.input("x");
  const pooling = readPooling(call, x.shape);
  const value = call.graph.one(
    "AveragePool",
    [fullValue(call.graph, x, "nchw")],
    { dims: nchwOutput(pooling), dtype: "float32" },
    { attributes: { ...poolAttributes(call, pooling.window), count_include_pad: { int: 0 } } },
  );
  return symbolic(pooling.info.outShape, "float32", value, "nchw");
};

/** Spreads dy over its window, divided by the window's size, padding included, as tfjs's CPU kernel has it. */
const averagePoolGradient: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("input");
  const pooling = readPooling(call, x.shape);
  const { info, window } = pooling;
  const dims = nchwOutput(pooling);
  const share = graph.scalar(1 / sizeOf(window.kernel));
  const dy = fullValue(graph, call.input("dy"), "nchw");
  const shared = graph.one("Mul", [dy, share], { dims, dtype: "float32" });
  const ones = expand(graph, graph.scalar(1), [info.inChannels, 1, ...window.kernel]);
  const rest = [Math.max(0, -overhang(window, 0)), Math.max(0, -overhang(window, 1))];
  const value = graph.one(
    "ConvTranspose",
    [shared, ones],
    { dims: nchwInput(pooling), dtype: "float32" },
    {
      attributes: {
        ...windowAttributes(window, endPadding(window), info.inChannels),
        output_padding: { ints: rest },
      },
    },
  );
  return symbolic(x.shape, "float32", value, "nchw");
};

export const poolingKernels: KernelTable = {
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  MaxPoolWithArgmax: maxPoolWithPositions,
};
