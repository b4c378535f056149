import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder, Value } from "./graph-builder.ts";
import type { KernelCall } from "./kernel.ts";
import { reshape, transpose } from "./rearrange.ts";
import { fullValue, type Layout, type SymbolicTensor } from "./symbolic-tensor.ts";
import type { Window2D } from "./window.ts";

/** A 2-D convolution in ONNX terms: NCHW values, [out, in / group, kh, kw] filter. */
export interface Convolution {
  readonly info: backend_util.Conv2DInfo;
  readonly layout: Layout;
  readonly window: Window2D;
}

interface ShapeRequest {
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
  readonly isDepthwise?: boolean;
}

/** Reads the convolution attributes of a call and works out padding and output size as tfjs does. */
export function readConvolution(call: KernelCall, request: ShapeRequest): Convolution {
  const dataFormat = call.text("dataFormat", "NHWC");
  if (dataFormat !== "NHWC" && dataFormat !== "NCHW")
    throw call.refused("dataFormat", "expected NHWC or NCHW");
  const info = backend_util.computeConv2DInfo(
    four(request.inputShape),
    four(request.filterShape),
    pair(call.numbers("strides")),
    call.attribute("dilations") === undefined ? [1, 1] : pair(call.numbers("dilations")),
    readPadding(call),
    readRounding(call),
    request.isDepthwise ?? false,
    dataFormat === "NHWC" ? "channelsLast" : "channelsFirst",
  );
  return { info, layout: dataFormat === "NHWC" ? "nchw" : "logical", window: windowOf(info) };
}

export function windowOf(info: backend_util.Conv2DInfo): Window2D {
  return {
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padStart: [info.padInfo.top, info.padInfo.left],
  };
}

export function readPadding(call: KernelCall): "valid" | "same" | number | backend_util.ExplicitPadding {
  const pad = call.attribute("pad");
  if (pad === "valid" || pad === "same" || typeof pad === "number") return pad;
  const pairs = call.numberPairs("pad").map(([start, end]): [number, number] => [start, end]);
  if (pairs.length !== 4) throw call.refused("pad", "expected four pairs");
  return [pairs[0]!, pairs[1]!, pairs[2]!, pairs[3]!];
}

export function readRounding(call: KernelCall): "floor" | "round" | "ceil" | undefined {
  const mode = call.attribute("dimRoundingMode");
  if (mode === undefined || mode === null) return undefined;
  if (mode === "floor" || mode === "round" || mode === "ceil") return mode;
  throw call.refused("dimRoundingMode", "expected floor, round or ceil");
}

export const pair = (values: readonly number[]): [number, number] => [values[0]!, values[1] ?? values[0]!];
export const four = (values: readonly number[]): [number, number, number, number] => [
  values[0]!,
  values[1]!,
  values[2]!,
  values[3]!,
];

/** [kh, kw, in, out] → [out, in, kh, kw] */
export const denseFilter = (graph: GraphBuilder, filter: SymbolicTensor): Value =>
  transpose(graph, fullValue(graph, filter), [3, 2, 0, 1]);

/** [kh, kw, channels, multiplier] → [channels · multiplier, 1, kh, kw] */
export function depthwiseFilter(graph: GraphBuilder, filter: SymbolicTensor): Value {
  const [height, width, channels, multiplier] = four(filter.shape);
  const turned = transpose(graph, fullValue(graph, filter), [2, 3, 0, 1]);
  return reshape(graph, turned, [channels * multiplier, 1, height, width]);
}
