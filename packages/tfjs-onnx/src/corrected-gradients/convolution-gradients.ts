import * as tf from "@tensorflow/tfjs-core";
import { gradientOfTfjs, single, type Attributes, type GradientTable } from "./gradient-table.ts";
import { padOrCrop } from "./moving-gradients.ts";
import { along, convolutionInfo, unrounded, type Conv2DInfo } from "./window-gradients.ts";

/**
 * Gradients of dilated convolutions, which tfjs refuses. Both are convolutions again, so that they run on every
 * backend and have gradients themselves. tfjs dilates only at stride 1, so stride 1 is taken for granted.
 */
interface Dilated {
  readonly info: Conv2DInfo;
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

const dilationsOf = (info: Conv2DInfo): [number, number] => [info.dilationHeight, info.dilationWidth];

/** dy such that the flipped filter slides from the first to the last element of x. */
function marginOf({ info, dy }: Dilated): tf.Tensor4D {
  return ([0, 1] as const).reduce<tf.Tensor>((padded, axis) => {
    const { input, output, span, start } = along(info, axis);
    return padOrCrop(padded, axis + 1, [span - 1 - start, input - output + start]);
  }, dy) as tf.Tensor4D;
}

/** x such that dy, as a filter with stride = dilation, slides over just as many positions as the filter has. */
function framed({ info, x }: Dilated): tf.Tensor4D {
  return ([0, 1] as const).reduce<tf.Tensor>((padded, axis) => {
    const { input, output, span, start } = along(info, axis);
    return padOrCrop(padded, axis + 1, [start, span - 1 + output - input - start]);
  }, x) as tf.Tensor4D;
}

const flipped = (filter: tf.Tensor4D): tf.Tensor4D => tf.reverse(filter, [0, 1]);

function denseByInput(given: Dilated): tf.Tensor {
  const turned = tf.transpose(flipped(given.filter), [0, 1, 3, 2]);
  return tf.conv2d(marginOf(given), turned, 1, "valid", "NHWC", dilationsOf(given.info));
}

function denseByFilter(given: Dilated): tf.Tensor {
  const image = tf.transpose(framed(given), [3, 1, 2, 0]); // channels as batch, batch as channels
  const filter = tf.transpose(given.dy, [1, 2, 0, 3]);
  return tf.transpose(tf.conv2d(image, filter, dilationsOf(given.info), "valid"), [1, 2, 0, 3]);
}

function depthwiseByInput(given: Dilated): tf.Tensor {
  const [height, width, channels, multiplier] = given.filter.shape;
  const filter = tf.reshape(flipped(given.filter), [height, width, channels * multiplier, 1]) as tf.Tensor4D;
  const dilations = dilationsOf(given.info);
  const all = tf.depthwiseConv2d(marginOf(given), filter, 1, "valid", "NHWC", dilations);
  if (multiplier === 1) return all;
  return tf.sum(tf.reshape(all, [...given.x.shape, multiplier]), 4);
}

function depthwiseByFilter(given: Dilated): tf.Tensor {
  const [height, width, channels, multiplier] = given.filter.shape;
  const { batchSize, outHeight, outWidth } = given.info;
  const image = tf.transpose(framed(given), [1, 2, 0, 3]); // every image and channel a channel of one image
  const dy = tf.transpose(tf.reshape(given.dy, [batchSize, outHeight * outWidth, -1]), [1, 0, 2]);
  const slid = tf.depthwiseConv2d(
    tf.reshape(image, [1, image.shape[0], image.shape[1], batchSize * channels]) as tf.Tensor4D,
    tf.reshape(dy, [outHeight, outWidth, batchSize * channels, multiplier]) as tf.Tensor4D,
    dilationsOf(given.info),
    "valid",
  );
  return tf.sum(tf.reshape(slid, [height, width, batchSize, channels, multiplier]), 2);
}

interface Derivative {
  readonly byInput: (given: Dilated) => tf.Tensor;
  readonly byFilter: (given: Dilated) => tf.Tensor;
}

function convolutionGradient(kernelName: string, derivative: Derivative): GradientTable[string] {
  const original = gradientOfTfjs(kernelName);
  const isDepthwise = kernelName !== "Conv2D";
  return {
    ...original,
    gradFunc(dy, saved, attributes) {
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const infoOf = (given: Attributes): Conv2DInfo =>
        convolutionInfo(given, { x: x.shape, filter: filter.shape }, isDepthwise);
      const info = infoOf(attributes);
      if (info.dilationHeight === 1 && info.dilationWidth === 1) {
        return original.gradFunc(dy, saved, unrounded(attributes, infoOf));
      }
      const isNchw = info.dataFormat === "channelsFirst";
      const last = (tensor: tf.Tensor): tf.Tensor4D =>
        (isNchw ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor) as tf.Tensor4D;
      const given = (): Dilated => ({ info, x: last(x), filter, dy: last(single(dy)) });
      return {
        x: () => {
          const gradient = derivative.byInput(given());
          return isNchw ? tf.transpose(gradient, [0, 3, 1, 2]) : gradient;
        },
        filter: () => derivative.byFilter(given()),
      };
    },
  };
}

export const convolutionGradients: GradientTable = {
  Conv2D: convolutionGradient("Conv2D", { byInput: denseByInput, byFilter: denseByFilter }),
  DepthwiseConv2dNative: convolutionGradient("DepthwiseConv2dNative", {
    byInput: depthwiseByInput,
    byFilter: depthwiseByFilter,
  }),
};
