import { backend_util } from "@tensorflow/tfjs-core";
import { endPadding, overhang, type Window2D } from "./window.ts";
import { four, pair, readRounding, windowOf } from "./convolution-geometry.ts";
import type { Kernel, KernelCall, KernelTable } from "./kernel.ts";
import type { SymbolicTensor } from "./symbolic-tensor.ts";
import { padTensor } from "./kernels/padding.ts";
import { sliceTensor } from "./kernels/shape.ts";

/**
 * With a number as padding tfjs works out the width of the result from the filter's height and the vertical stride, so
 * that its windows may stop short of the right edge by whole strides, where ONNX has more windows. These kernels see
 * the image without what no window reads.
 */
export const withoutUnusedMargin = (kernels: KernelTable): KernelTable =>
  Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, windowed(kernel, places[name])]));

/** Where a kernel keeps the image and the size of its window. */
interface Places {
  readonly image: { readonly input: string } | { readonly shape: string };
  readonly window: { readonly input: string } | { readonly shape: string };
  readonly isDepthwise?: true;
}

const [x, pooled] = [{ input: "x" }, { input: "input" }];
const [filter, filterShape, filterSize] = [
  { input: "filter" },
  { shape: "filterShape" },
  { shape: "filterSize" },
];
const inputShape = { shape: "inputShape" };

const places: Readonly<Record<string, Places>> = {
  AvgPool: { image: x, window: filterSize },
  AvgPoolGrad: { image: pooled, window: filterSize },
  Conv2D: { image: x, window: filter },
  Conv2DBackpropFilter: { image: x, window: filterShape },
  Conv2DBackpropInput: { image: inputShape, window: filter },
  DepthwiseConv2dNative: { image: x, window: filter, isDepthwise: true },
  DepthwiseConv2dNativeBackpropFilter: { image: x, window: filterShape, isDepthwise: true },
  DepthwiseConv2dNativeBackpropInput: { image: inputShape, window: filter, isDepthwise: true },
  FusedConv2D: { image: x, window: filter },
  FusedDepthwiseConv2D: { image: x, window: filter, isDepthwise: true },
  MaxPool: { image: x, window: filterSize },
  MaxPoolGrad: { image: pooled, window: filterSize },
};

function windowed(kernel: Kernel, place: Places | undefined): Kernel {
  if (!place) return kernel;
  return (call) => {
    if (typeof call.attribute("pad") !== "number") return kernel(call);
    const isNchw = call.attribute("dataFormat") === "NCHW";
    const shape = [
      ...("input" in place.image ? call.input(place.image.input).shape : call.numbers(place.image.shape)),
    ];
    const window = readWindow(call, place, shape);
    const excess = [0, 1].map((axis) => unused(window, axis === 0 ? 0 : 1));
    if (excess.every((count) => count === 0)) return kernel(call);
    const rows = isNchw ? 2 : 1;
    const kept = shape.map((dim, axis) => dim - (excess[axis - rows] ?? 0));
    const ends = endPadding(window);
    const margins = [0, 1].map((axis) => [window.padStart[axis]!, ends[axis]!]);
    const none = [0, 0];
    const attributes: Record<string, unknown> = {
      pad: isNchw ? [none, none, ...margins] : [none, ...margins, none],
      dimRoundingMode: undefined,
    };
    const isGradient = place.image === inputShape || place.image === pooled;
    const changed =
      "shape" in place.image
        ? call.changed({}, { ...attributes, [place.image.shape]: kept })
        : call.changed({ [place.image.input]: cropped(call, place.image.input, kept) }, attributes);
    const result = kernel(changed);
    changed.assertAllAttributesRead();
    if (!isGradient) return result;
    const margin = shape.map((dim, axis): [number, number] => [0, dim - kept[axis]!]);
    return padTensor(call.graph, result as SymbolicTensor, margin, 0);
  };
}

function cropped(call: KernelCall, name: string, shape: readonly number[]): SymbolicTensor {
  const ranges = shape.map((end, axis) => ({ axis, start: 0, end }));
  return sliceTensor(call.graph, call.input(name), ranges);
}

/** Elements at the end that no window reads although another whole stride would fit. */
function unused(window: Window2D, axis: 0 | 1): number {
  const left = Math.max(0, -overhang(window, axis));
  return left - (left % window.strides[axis]);
}

function readWindow(call: KernelCall, place: Places, shape: readonly number[]): Window2D {
  const size =
    "input" in place.window ? call.input(place.window.input).shape : call.numbers(place.window.shape);
  const isNchw = call.attribute("dataFormat") === "NCHW";
  const strides = pair(call.numbers("strides"));
  const pad = call.attribute("pad") as number;
  if (place.window === filterSize) {
    return windowOf(
      backend_util.computePool2DInfo(four(shape), pair(size), strides, 1, pad, readRounding(call)),
    );
  }
  const dilations = call.attribute("dilations") === undefined ? 1 : pair(call.numbers("dilations"));
  return windowOf(
    backend_util.computeConv2DInfo(
      four(shape),
      four(size),
      strides,
      dilations,
      pad,
      readRounding(call),
      place.isDepthwise ?? false,
      isNchw ? "channelsFirst" : "channelsLast",
    ),
  );
}
