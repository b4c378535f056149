import * as tf from "@tensorflow/tfjs-core";
import { padOrCrop } from "./moving-gradients.ts";
import { adjusted, gradientOfTfjs, single, type Attributes, type GradientTable } from "./gradient-table.ts";

export type Conv2DInfo = tf.backend_util.Conv2DInfo;
type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];
type Four = [number, number, number, number];

const isNchw = (attributes: Attributes): boolean => attributes["dataFormat"] === "NCHW";

export function convolutionInfo(
  attributes: Attributes,
  shapes: { readonly x: readonly number[]; readonly filter: readonly number[] },
  isDepthwise: boolean,
): Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    shapes.x as Four,
    shapes.filter as Four,
    attributes["strides"] as number,
    (attributes["dilations"] ?? 1) as number,
    attributes["pad"] as "same",
    (attributes["dimRoundingMode"] ?? undefined) as "floor",
    isDepthwise,
    isNchw(attributes) ? "channelsFirst" : "channelsLast",
  );
}

export function poolingInfo(attributes: Attributes, shape: readonly number[]): Conv2DInfo {
  return tf.backend_util.computePool2DInfo(
    shape as Four,
    attributes["filterSize"] as number,
    attributes["strides"] as number,
    1,
    attributes["pad"] as "same",
    (attributes["dimRoundingMode"] ?? undefined) as "floor",
  );
}

/** A window along rows (0) or columns (1). */
export function along(info: Conv2DInfo, axis: 0 | 1) {
  const { padInfo } = info;
  return axis === 0
    ? {
        input: info.inHeight,
        output: info.outHeight,
        kernel: info.filterHeight,
        span: info.effectiveFilterHeight,
        stride: info.strideHeight,
        dilation: info.dilationHeight,
        start: padInfo.top,
      }
    : {
        input: info.inWidth,
        output: info.outWidth,
        kernel: info.filterWidth,
        span: info.effectiveFilterWidth,
        stride: info.strideWidth,
        dilation: info.dilationWidth,
        start: padInfo.left,
      };
}

/** The padding, in rows and columns, with which the windows end just where the last one does. */
function explicitPadding(info: Conv2DInfo): [rows: [number, number], columns: [number, number]] {
  const of = (axis: 0 | 1): [number, number] => {
    const { output, stride, span, input, start } = along(info, axis);
    return [start, Math.max(0, (output - 1) * stride + span - input - start)];
  };
  return [of(0), of(1)];
}

/** The same windows without a rounding mode, which tfjs's own gradients forget. */
function withoutRounding(attributes: Attributes, info: Conv2DInfo): Attributes {
  const [rows, columns] = explicitPadding(info);
  const none: [number, number] = [0, 0];
  const pad: ExplicitPadding = isNchw(attributes) ? [none, none, rows, columns] : [none, rows, columns, none];
  const { dimRoundingMode: _, ...rest } = attributes;
  return { ...rest, pad };
}

export const roundsUp = (attributes: Attributes): boolean =>
  attributes["dimRoundingMode"] === "ceil" || attributes["dimRoundingMode"] === "round";

export const unrounded = (
  attributes: Attributes,
  infoOf: (attributes: Attributes) => Conv2DInfo,
): Attributes => (roundsUp(attributes) ? withoutRounding(attributes, infoOf(attributes)) : attributes);

const averageOfTfjs = gradientOfTfjs("AvgPool");

/**
 * Spreads dy over its window, divided by the number of elements in it that are not padding, as the forward kernel
 * does; tfjs's own divides by the window's size.
 */
function averagePoolGradient(dy: tf.Tensor, shape: number[], attributes: Attributes): tf.Tensor {
  const info = poolingInfo(attributes, shape);
  const inside = (axis: 0 | 1): number[] => {
    const { output, stride, kernel, input, start } = along(info, axis);
    return Array.from({ length: output }, (_, index) => {
      const first = index * stride - start;
      return Math.min(first + kernel, input) - Math.max(first, 0);
    });
  };
  const [rows, columns] = [inside(0), inside(1)];
  const shares = rows.map((row) => columns.map((column) => 1 / (row * column)));
  const shared = tf.mul(dy, tf.reshape(tf.tensor2d(shares), [1, rows.length, columns.length, 1]));
  // Where windows stop short of the end, no dy comes to the rest.
  const rest = ([0, 1] as const).map((axis) => {
    const { input, output, stride, span, start } = along(info, axis);
    return Math.max(0, input + start - (output - 1) * stride - span);
  });
  const read = shape.map((dim, axis) => dim - (rest[axis - 1] ?? 0));
  const spread: tf.Tensor = tf.engine().runKernel(
    "DepthwiseConv2dNativeBackpropInput",
    { dy: shared, filter: tf.ones([info.filterHeight, info.filterWidth, info.inChannels, 1]) },
    {
      strides: [info.strideHeight, info.strideWidth],
      pad: withoutRounding({}, info)["pad"]!,
      dilations: [1, 1],
      inputShape: read,
    },
  );
  return rest.reduce((padded, count, axis) => padOrCrop(padded, axis + 1, [0, count]), spread);
}

export const windowGradients: GradientTable = {
  AvgPool: {
    inputsToSave: ["x"],
    gradFunc(dy, saved, attributes) {
      const [x] = saved;
      const isPadded = explicitPadding(poolingInfo(attributes, x!.shape))
        .flat()
        .some((pad) => pad > 0);
      if (!isPadded && !roundsUp(attributes)) return averageOfTfjs.gradFunc(dy, saved, attributes);
      return { x: () => averagePoolGradient(single(dy), x!.shape, attributes) };
    },
  },
  MaxPool: adjusted("MaxPool", {
    attributes: (attributes, [x]) => unrounded(attributes, (given) => poolingInfo(given, x!.shape)),
  }),
};
