import { blockedDepthwise, usableBlock } from "../blocked-layout.ts";
import type { Value } from "../graph-builder.ts";
import type { KernelCall, KernelTable } from "../kernel.ts";
import { denseFilter, depthwiseFilter, readConvolution, type Convolution } from "../convolution-geometry.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { endPadding, windowAttributes } from "../window.ts";
import { convolutionFilterGradient, depthwiseFilterGradient } from "./convolution-filter-gradient.ts";
import { convolutionInputGradient, depthwiseInputGradient } from "./convolution-input-gradient.ts";
import { addBiasAndActivate, refuseNchwActivation } from "./fused.ts";

interface Operands {
  readonly filter: Value;
  /** One number for each channel of the output. */
  readonly bias?: Value | undefined;
  readonly group: number;
}

function convolve(call: KernelCall, convolution: Convolution, operands: Operands): SymbolicTensor {
  const { info, layout, window } = convolution;
  const { bias, filter, group } = operands;
  const dims = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const value = call.graph.one(
    "Conv",
    [fullValue(call.graph, call.input("x"), layout), filter, ...(bias ? [bias] : [])],
    { dims, dtype: "float32" },
    { attributes: windowAttributes(window, endPadding(window), group) },
  );
  return symbolic(info.outShape, "float32", value, layout);
}

function dense(call: KernelCall, bias?: Value): SymbolicTensor {
  const filter = call.input("filter");
  const convolution = readConvolution(call, { inputShape: call.input("x").shape, filterShape: filter.shape });
  return convolve(call, convolution, { filter: denseFilter(call.graph, filter), bias, group: 1 });
}

/** A bias for each channel goes into the convolution itself where nothing but it follows. */
function fusedDense(call: KernelCall): SymbolicTensor {
  const bias = call.optionalInput("bias");
  const isChannelwise = bias?.shape.length === 1 && call.text("activation", "linear") === "linear";
  if (!isChannelwise) return addBiasAndActivate(call, dense(call));
  refuseNchwActivation(call);
  return dense(call, fullValue(call.graph, bias));
}

function depthwise(call: KernelCall): SymbolicTensor {
  const filter = call.input("filter");
  const convolution = readConvolution(call, {
    inputShape: call.input("x").shape,
    filterShape: filter.shape,
    isDepthwise: true,
  });
  const { info, layout, window } = convolution;
  const block = usableBlock(call.graph, info.inChannels, filter.shape[3]!);
  // Constant weights are better left to ONNX Runtime's optimizer, which keeps whole chains of operators blocked.
  if (block !== undefined && filter.value.constant === undefined) {
    const x = fullValue(call.graph, call.input("x"), layout);
    const value = blockedDepthwise(call.graph, { window, block }, x, fullValue(call.graph, filter));
    return symbolic(info.outShape, "float32", value, layout);
  }
  return convolve(call, convolution, {
    filter: depthwiseFilter(call.graph, filter),
    group: info.inChannels,
  });
}

export const convolutionKernels: KernelTable = {
  Conv2D: (call) => dense(call),
  Conv2DBackpropFilter: convolutionFilterGradient,
  Conv2DBackpropInput: convolutionInputGradient,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  FusedConv2D: fusedDense,
  FusedDepthwiseConv2D: (call) => addBiasAndActivate(call, depthwise(call)),
};
