import * as tf from "@tensorflow/tfjs-core";
import { gradientOfTfjs, single, type Attributes, type GradientTable } from "./gradient-table.ts";
import { roundsUp } from "./window-gradients.ts";

type Five = [number, number, number, number, number];

/** As in two dimensions: the mean leaves padding out. Every channel is an image of its own. */
function averageGradient(dy: tf.Tensor, shape: readonly number[], attributes: Attributes): tf.Tensor {
  const [batch, depth, height, width, channels] = shape as Five;
  const planes = (tensor: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.transpose(tensor, [0, 4, 1, 2, 3]), [batch * channels, ...tensor.shape.slice(1, 4), 1]);
  const { filterSize, strides, pad } = attributes;
  const size = typeof filterSize === "number" ? [filterSize, filterSize, filterSize] : filterSize;
  const filter = tf.ones<tf.Rank.R5>([...(size as [number, number, number]), 1, 1]);
  const inside = tf.conv3d(
    tf.ones<tf.Rank.R5>([1, depth, height, width, 1]),
    filter,
    strides as number,
    pad as "same",
  );
  const spread: tf.Tensor = tf
    .engine()
    .runKernel(
      "Conv3DBackpropInputV2",
      { dy: tf.div(planes(dy), inside), filter },
      { strides: strides!, pad: pad!, inputShape: [batch * channels, depth, height, width, 1] },
    );
  return tf.transpose(tf.reshape(spread, [batch, channels, depth, height, width]), [0, 2, 3, 4, 1]);
}

const averageOfTfjs = gradientOfTfjs("AvgPool3D");

export const volumeGradients: GradientTable = {
  AvgPool3D: {
    inputsToSave: ["x"],
    gradFunc(dy, saved, attributes) {
      const isPadded = attributes["pad"] !== "valid" && attributes["pad"] !== 0;
      if (!isPadded || roundsUp(attributes)) return averageOfTfjs.gradFunc(dy, saved, attributes);
      return { x: () => averageGradient(single(dy), saved[0]!.shape, attributes) };
    },
  },
  // Of tf.conv3dTranspose.
  Conv3DBackpropInputV2: {
    inputsToSave: ["dy", "filter"],
    gradFunc(ddx, saved, { strides, pad }) {
      const [dy, filter] = saved as [tf.Tensor5D, tf.Tensor5D];
      const image = single(ddx) as tf.Tensor5D;
      return {
        dy: () => tf.conv3d(image, filter, strides as number, pad as "same"),
        filter: () =>
          tf
            .engine()
            .runKernel(
              "Conv3DBackpropFilterV2",
              { x: image, dy },
              { strides: strides!, pad: pad!, filterShape: filter.shape },
            ),
      };
    },
  },
};
