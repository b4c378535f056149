import { backend_util } from "@tensorflow/tfjs-core";
import { readRounding } from "./convolution-geometry.ts";
import { sizeOf, type Attribute, type GraphBuilder, type Value } from "./graph-builder.ts";
import type { KernelCall } from "./kernel.ts";
import { slice } from "./rearrange.ts";

type Conv3DInfo = backend_util.Conv3DInfo;
type Three = [number, number, number];
type Five = [number, number, number, number, number];

/** One axis of a sliding window. */
interface AxisWindow {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first element; negative where tfjs starts beyond it. */
  readonly start: number;
}

/** A sliding window over depth, height and width. */
export interface VolumeWindow {
  readonly info: Conv3DInfo;
  readonly axes: readonly AxisWindow[];
}

export function readVolumeWindow(
  call: KernelCall,
  shapes: { readonly input: readonly number[]; readonly filter: readonly number[] },
): VolumeWindow {
  const dataFormat = call.text("dataFormat", "NDHWC");
  if (dataFormat !== "NDHWC") throw call.refused("dataFormat", "expected NDHWC");
  const pad = call.attribute("pad");
  if (pad !== "valid" && pad !== "same" && typeof pad !== "number") {
    throw call.refused("pad", "expected same, valid or a number");
  }
  const info = backend_util.computeConv3DInfo(
    shapes.input as Five,
    shapes.filter as Five,
    triple(call.numbers("strides")),
    call.attribute("dilations") === undefined ? 1 : triple(call.numbers("dilations")),
    pad,
    false,
    "channelsLast",
    readRounding(call),
  );
  const { padInfo } = info;
  const axis = (name: "Depth" | "Height" | "Width", start: number): AxisWindow => ({
    input: info[`in${name}`],
    output: info[`out${name}`],
    kernel: info[`filter${name}`],
    stride: info[`stride${name}`],
    dilation: info[`dilation${name}`],
    start,
  });
  return {
    info,
    axes: [axis("Depth", padInfo.front), axis("Height", padInfo.top), axis("Width", padInfo.left)],
  };
}

export const triple = (values: readonly number[]): Three => [
  values[0]!,
  values[1] ?? values[0]!,
  values[2] ?? values[0]!,
];

/** Elements beyond the last one that the last window reads; negative if it stops short of the end. */
const overhang = ({ input, output, kernel, stride, dilation, start }: AxisWindow): number =>
  (output - 1) * stride + (kernel - 1) * dilation + 1 - input - start;

const spatialAxes = [2, 3, 4] as const;

/** The part of [N, C, D, H, W] that windows read. */
export function readPart(graph: GraphBuilder, { axes }: VolumeWindow, value: Value): Value {
  return slice(
    graph,
    value,
    axes.map((axis, index) => ({
      axis: spatialAxes[index]!,
      start: Math.max(0, -axis.start),
      end: axis.input + Math.min(0, overhang(axis)),
    })),
  );
}

export const readDims = ({ axes }: VolumeWindow): number[] =>
  axes.map((axis) => axis.input + Math.min(0, axis.start) + Math.min(0, overhang(axis)));

/** The inverse of `readPart`: zeros where no window reads. */
export function restorePart(graph: GraphBuilder, { axes }: VolumeWindow, value: Value): Value {
  const before = axes.map((axis) => Math.max(0, -axis.start));
  const after = axes.map((axis) => Math.max(0, -overhang(axis)));
  if ([...before, ...after].every((count) => count === 0)) return value;
  const pads = graph.int64s([0, 0, ...before, 0, 0, ...after]);
  return graph.one(
    "Pad",
    [value, pads, graph.scalar(0)],
    { dims: [...value.dims.slice(0, 2), ...axes.map(({ input }) => input)], dtype: value.dtype },
    { attributes: { mode: { text: "constant" } } },
  );
}

export const paddingOf = ({ axes }: VolumeWindow): { readonly start: number[]; readonly end: number[] } => ({
  start: axes.map(({ start }) => Math.max(0, start)),
  end: axes.map((axis) => Math.max(0, overhang(axis))),
});

export function volumeAttributes(window: VolumeWindow): Record<string, Attribute> {
  const { start, end } = paddingOf(window);
  return {
    kernel_shape: { ints: window.axes.map(({ kernel }) => kernel) },
    strides: { ints: window.axes.map(({ stride }) => stride) },
    dilations: { ints: window.axes.map(({ dilation }) => dilation) },
    pads: { ints: [...start, ...end] },
  };
}

/** Attributes of the convolution of x with dy as filter: stride and dilation change places. */
export function slidingAttributes(window: VolumeWindow): Record<string, Attribute> {
  const attributes = volumeAttributes(window);
  return {
    ...attributes,
    kernel_shape: { ints: window.axes.map(({ output }) => output) },
    strides: attributes["dilations"]!,
    dilations: attributes["strides"]!,
  };
}

export const kernelVolume = ({ axes }: VolumeWindow): number => sizeOf(axes.map(({ kernel }) => kernel));
