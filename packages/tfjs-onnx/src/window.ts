import type { Attribute } from "./graph-builder.ts";

type Pair = readonly [number, number];

/** A 2-D sliding window, [vertical, horizontal]. */
export interface Window2D {
  readonly input: Pair;
  readonly output: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padStart: Pair;
}

/** Elements of the padded input that a window spans: dilated kernel size. */
export const span = (window: Window2D, axis: 0 | 1): number =>
  (window.kernel[axis] - 1) * window.dilations[axis] + 1;

/** Input elements beyond the last one that the last window reads; negative if it stops short of the end. */
export const overhang = (window: Window2D, axis: 0 | 1): number =>
  (window.output[axis] - 1) * window.strides[axis] +
  span(window, axis) -
  window.input[axis] -
  window.padStart[axis];

/** The padding after the last element with which ONNX gives just `window.output` windows. */
export const endPadding = (window: Window2D): Pair => [
  Math.max(0, overhang(window, 0)),
  Math.max(0, overhang(window, 1)),
];

export const isPointwise = ({ kernel, padStart }: Window2D): boolean =>
  kernel[0] === 1 && kernel[1] === 1 && padStart[0] === 0 && padStart[1] === 0;

export const isUnitStride = ({ strides }: Window2D): boolean => strides[0] === 1 && strides[1] === 1;

export function windowAttributes(window: Window2D, padEnd: Pair, group: number): Record<string, Attribute> {
  return {
    kernel_shape: { ints: window.kernel },
    strides: { ints: window.strides },
    dilations: { ints: window.dilations },
    pads: { ints: [...window.padStart, ...padEnd] },
    group: { int: group },
  };
}

export interface SlidingOutput {
  /** dy as the kernel of a window over x. */
  readonly sliding: Window2D;
  readonly padEnd: Pair;
  /** Positions reached in each direction: at least as many as the filter has elements. */
  readonly reached: Pair;
}

/** dw[k] = Σ x[k · dilation + o · stride - pad] · dy[o]: dy is the kernel, stride and dilation change places. */
export function slidingOutput(window: Window2D): SlidingOutput {
  const sliding: Window2D = {
    input: window.input,
    output: window.kernel,
    kernel: window.output,
    strides: window.dilations,
    dilations: window.strides,
    padStart: window.padStart,
  };
  const padEnd = endPadding(sliding);
  const reach = (axis: 0 | 1): number =>
    Math.floor(
      (sliding.input[axis] + sliding.padStart[axis] + padEnd[axis] - span(sliding, axis)) /
        sliding.strides[axis],
    ) + 1;
  return { sliding, padEnd, reached: [reach(0), reach(1)] };
}
