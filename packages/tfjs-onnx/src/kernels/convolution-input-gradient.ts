import { blockedDepthwise, blockedInputGradient, usableBlock } from "../blocked-layout.ts";
import {
  depthwiseFilter,
  denseFilter,
  four,
  readConvolution,
  type Convolution,
} from "../convolution-geometry.ts";
import type { GraphBuilder, Value } from "../graph-builder.ts";
import type { KernelCall } from "../kernel.ts";
import { reshape, slice } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import {
  endPadding,
  isPointwise,
  isUnitStride,
  overhang,
  span,
  windowAttributes,
  type Window2D,
} from "../window.ts";

/** dx of a dense convolution: one MatMul for 1×1 with stride 1, else the transposed convolution. */
export function convolutionInputGradient(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const filter = call.input("filter");
  const inputShape = call.numbers("inputShape");
  const convolution = readConvolution(call, { inputShape, filterShape: filter.shape });
  const { info, layout, window } = convolution;
  const dy = fullValue(graph, call.input("dy"), layout);
  if (isPointwise(window) && isUnitStride(window) && endPadding(window).every((pad) => pad === 0)) {
    const { batchSize, inChannels, outChannels, inHeight, inWidth } = info;
    const pixels = inHeight * inWidth;
    const weights = reshape(graph, fullValue(graph, filter), [inChannels, outChannels]);
    const columns = reshape(graph, dy, [batchSize, outChannels, pixels]);
    const product = graph.one("MatMul", [weights, columns], {
      dims: [batchSize, inChannels, pixels],
      dtype: "float32",
    });
    return symbolic(inputShape, "float32", reshape(graph, product, nchwInput(convolution)), layout);
  }
  return symbolic(
    inputShape,
    "float32",
    transposed(graph, convolution, [dy, denseFilter(graph, filter)]),
    layout,
  );
}

/** dx of a depthwise convolution: for stride 1 a grouped convolution of dy with the flipped filter. */
export function depthwiseInputGradient(call: KernelCall): SymbolicTensor {
  const { graph } = call;
  const filter = call.input("filter");
  const inputShape = call.numbers("inputShape");
  const convolution = readConvolution(call, { inputShape, filterShape: filter.shape, isDepthwise: true });
  const { info, layout, window } = convolution;
  const dy = fullValue(graph, call.input("dy"), layout);
  const weights = depthwiseFilter(graph, filter);
  const backward = backwardWindow(widenedOutput(window));
  const block = usableBlock(graph, info.inChannels, filter.shape[3]!);
  if (block !== undefined && backward) {
    const flipped = flip(graph, fullValue(graph, filter), [0, 1]);
    const value = isUnitStride(window)
      ? blockedDepthwise(graph, { window: backward, block }, dy, flipped)
      : blockedInputGradient(graph, { forward: window, backward, block }, dy, flipped);
    return symbolic(inputShape, "float32", value, layout);
  }
  if (filter.shape[3] === 1 && isUnitStride(window) && backward) {
    const flipped = flip(graph, weights, [2, 3]);
    const value = graph.one(
      "Conv",
      [dy, flipped],
      { dims: nchwInput(convolution), dtype: "float32" },
      { attributes: windowAttributes(backward, endPadding(backward), info.inChannels) },
    );
    return symbolic(inputShape, "float32", value, layout);
  }
  return symbolic(
    inputShape,
    "float32",
    transposed(graph, convolution, [dy, weights], info.inChannels),
    layout,
  );
}

const flip = (graph: GraphBuilder, value: Value, axes: readonly number[]): Value =>
  slice(
    graph,
    value,
    axes.map((axis) => ({ axis, start: value.dims[axis]! - 1, end: -1, step: -1 })),
  );

const nchwInput = ({ info }: Convolution): number[] =>
  four([info.batchSize, info.inChannels, info.inHeight, info.inWidth]);

/** The same window at stride 1 over a dy with zeros between its elements. */
const widenedOutput = (window: Window2D): Window2D => ({
  ...window,
  output: [window.output[0] * window.strides[0], window.output[1] * window.strides[1]],
  strides: [1, 1],
});

/** The window that slides over dy and yields dx at stride 1, or undefined if it would have to crop dy. */
function backwardWindow(window: Window2D): Window2D | undefined {
  const padStart = [
    span(window, 0) - 1 - window.padStart[0],
    span(window, 1) - 1 - window.padStart[1],
  ] as const;
  const backward: Window2D = { ...window, input: window.output, output: window.input, padStart };
  const crops = padStart.some((pad) => pad < 0) || overhang(backward, 0) < 0 || overhang(backward, 1) < 0;
  return crops ? undefined : backward;
}

// Graph, geometry, operands and group have no smaller common name.
function transposed(
  graph: GraphBuilder,
  convolution: Convolution,
  operands: readonly [dy: Value, filter: Value],
  group = 1,
): Value {
  const { window } = convolution;
  const rest = [0, 1].map((axis) => Math.max(0, -overhang(window, axis === 0 ? 0 : 1)));
  return graph.one(
    "ConvTranspose",
    operands,
    { dims: nchwInput(convolution), dtype: "float32" },
    {
      attributes: { ...windowAttributes(window, endPadding(window), group), output_padding: { ints: rest } },
    },
  );
}
