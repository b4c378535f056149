/**
 * Depthwise convolution in the blocked channel layout [N, C / B, H, W, B] of ONNX Runtime's CPU provider.
 *
 * With weights that are not constants the provider runs a depthwise Conv as im2col and a matrix product with one
 * row; the operators that its own optimizer inserts for constant weights may be written into a model directly and
 * are two to ten times as fast. B depends on the processor: see `probeChannelBlock`.
 */
import type { GraphBuilder, Value } from "./graph-builder.ts";
import { four } from "./convolution-geometry.ts";
import { reshape, slice, transpose } from "./rearrange.ts";
import { endPadding, slidingOutput, windowAttributes, type Window2D } from "./window.ts";

export const blockedDomain = "com.microsoft.nchwc";

/** The block size, if the graph may use the layout and the channels fill whole blocks. */
export function usableBlock(graph: GraphBuilder, channels: number, multiplier: number): number | undefined {
  const { channelBlock, target } = graph;
  if (channelBlock === undefined || target !== "cpu" || multiplier !== 1) return undefined;
  return channels % channelBlock === 0 ? channelBlock : undefined;
}

/** [N, C, H, W] → the same elements blocked; the dims stay [N, C, H, W] in ONNX's books. */
export const toBlocked = (graph: GraphBuilder, value: Value): Value =>
  graph.one("ReorderInput", [value], value, { domain: blockedDomain });

const fromBlocked = (graph: GraphBuilder, value: Value): Value =>
  graph.one("ReorderOutput", [value], value, {
    domain: blockedDomain,
    attributes: { channels: { int: value.dims[1]! } },
  });

/** [N, C, H, W] blocked, with zeros after each element: [N, C, H · sh, W · sw]. */
function insertZeros(graph: GraphBuilder, blocked: Value, { block, window }: BlockedConvolution): Value {
  const [batch, channels, height, width] = four(blocked.dims);
  const [down, right] = window.strides;
  const rows = batch * (channels / block) * height;
  const padded = graph.one(
    "Pad",
    [
      reshape(graph, blocked, [rows, 1, width, block]),
      graph.int64s([0, 0, 0, 0, 0, down - 1, 0, (right - 1) * block]),
    ],
    { dims: [rows, down, width, right * block], dtype: "float32" },
  );
  return reshape(graph, padded, [batch, channels, height * down, width * right]);
}

export interface BlockedConvolution {
  readonly window: Window2D;
  readonly block: number;
}

/** x [N, C, H, W] with a filter [kh, kw, C, 1] → [N, C, H', W'] */
export function blockedDepthwise(
  graph: GraphBuilder,
  { window, block }: BlockedConvolution,
  x: Value,
  filter: Value,
): Value {
  return fromBlocked(graph, slide(graph, { window, block }, toBlocked(graph, x), filter));
}

/**
 * dy [N, C, H', W'] with the forward filter [kh, kw, C, 1], already flipped → dx [N, C, H, W]: dy with zeros between its
 * elements, as far apart as the strides, convolved without strides.
 *
 * @param backward - window of the input gradient at stride 1, over the widened dy
 */
export function blockedInputGradient(
  graph: GraphBuilder,
  {
    forward,
    backward,
    block,
  }: { readonly forward: Window2D; readonly backward: Window2D; readonly block: number },
  dy: Value,
  filter: Value,
): Value {
  const widened = insertZeros(graph, toBlocked(graph, dy), { window: forward, block });
  return fromBlocked(graph, slide(graph, { window: backward, block }, widened, filter));
}

function slide(graph: GraphBuilder, { window, block }: BlockedConvolution, x: Value, filter: Value): Value {
  const [batch, channels] = [x.dims[0]!, x.dims[1]!];
  const [height, width] = window.kernel;
  const split = reshape(graph, filter, [height, width, channels / block, block]);
  const blockedFilter = reshape(graph, transpose(graph, split, [2, 0, 1, 3]), [channels, 1, height, width]);
  return graph.one(
    "Conv",
    [x, blockedFilter],
    { dims: [batch, channels, ...window.output], dtype: "float32" },
    { domain: blockedDomain, attributes: windowAttributes(window, endPadding(window), channels) },
  );
}

/**
 * x [N, C, H, W], dy [N, C, H', W'] → the filter's gradient [kh, kw, C, 1]: one group for each image and channel, dy
 * as the filter (its blocked layout already is that of a filter), summed over the images.
 */
export function blockedFilterGradient(
  graph: GraphBuilder,
  { window, block }: BlockedConvolution,
  x: Value,
  dy: Value,
): Value {
  const [batch, channels] = [x.dims[0]!, x.dims[1]!];
  const groups = batch * channels;
  const { sliding, padEnd, reached } = slidingOutput(window);
  const raw = graph.one(
    "Conv",
    [
      reshape(graph, toBlocked(graph, x), [1, groups, ...window.input]),
      reshape(graph, toBlocked(graph, dy), [groups, 1, ...window.output]),
    ],
    { dims: [1, groups, ...reached], dtype: "float32" },
    { domain: blockedDomain, attributes: windowAttributes(sliding, padEnd, groups) },
  );
  const perImage = reshape(graph, raw, [batch, channels / block, ...reached, block]);
  const cropped = slice(
    graph,
    perImage,
    [0, 1].map((axis) => ({ axis: axis + 2, start: 0, end: window.kernel[axis]! })),
  );
  const dims = cropped.dims.slice(1);
  const summed = graph.one(
    "ReduceSum",
    [cropped, graph.int64s([0])],
    { dims, dtype: "float32" },
    { attributes: { keepdims: { int: 0 } } },
  );
  return reshape(graph, transpose(graph, summed, [1, 2, 0, 3]), [...window.kernel, channels, 1]);
}
