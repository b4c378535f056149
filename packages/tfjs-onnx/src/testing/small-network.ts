import * as tf from "@tensorflow/tfjs-core";
import { float } from "./agreement.ts";
import type { TensorSpec } from "../compile.ts";

/** Parameters of a stem, one MBConv block with squeeze-and-excitation, CBAM and a classifier, by name. */
export const smallNetworkParameters: readonly TensorSpec[] = [
  float("stem", 3, 3, 3, 4),
  float("stemScale", 4),
  float("stemOffset", 4),
  float("expand", 1, 1, 4, 8),
  float("depthwise", 5, 5, 8, 1),
  float("squeeze", 8, 2),
  float("excite", 2, 8),
  float("project", 1, 1, 8, 6),
  float("channelDown", 6, 3),
  float("channelUp", 3, 6),
  float("spatial", 7, 7, 2, 1),
  float("head", 6, 3),
];

type Tensors = Record<string, tf.Tensor>;

const swish = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x));

function normalize(x: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
}

function mbConv(x: tf.Tensor, p: Tensors): tf.Tensor {
  const expanded = swish(normalize(tf.conv2d(x as tf.Tensor4D, p["expand"] as tf.Tensor4D, 1, "same")));
  const filtered = swish(
    normalize(tf.depthwiseConv2d(expanded as tf.Tensor4D, p["depthwise"] as tf.Tensor4D, 2, "same")),
  );
  const pooled = tf.mean(filtered, [1, 2]);
  const gate = tf.sigmoid(tf.matMul(swish(tf.matMul(pooled, p["squeeze"]!)), p["excite"]!));
  const gated = tf.mul(filtered, tf.reshape(gate, [-1, 1, 1, 8]));
  return normalize(tf.conv2d(gated as tf.Tensor4D, p["project"] as tf.Tensor4D, 1, "same"));
}

/** Channel attention, then spatial attention (Woo et al., CBAM, 2018). */
function cbam(x: tf.Tensor, p: Tensors): tf.Tensor {
  const sharedMlp = (pooled: tf.Tensor): tf.Tensor =>
    tf.matMul(tf.relu(tf.matMul(pooled, p["channelDown"]!)), p["channelUp"]!);
  const channelGate = tf.sigmoid(tf.add(sharedMlp(tf.mean(x, [1, 2])), sharedMlp(tf.max(x, [1, 2]))));
  const refined = tf.mul(x, tf.reshape(channelGate, [-1, 1, 1, 6]));
  const maps = tf.concat([tf.mean(refined, 3, true), tf.max(refined, 3, true)], 3);
  return tf.mul(refined, tf.sigmoid(tf.conv2d(maps as tf.Tensor4D, p["spatial"] as tf.Tensor4D, 1, "same")));
}

export interface SmallNetworkOutput {
  readonly features: tf.Tensor;
  readonly logits: tf.Tensor;
}

export function smallNetwork(images: tf.Tensor, p: Tensors): SmallNetworkOutput {
  const stem = normalize(tf.conv2d(images as tf.Tensor4D, p["stem"] as tf.Tensor4D, 2, "same"));
  const features = cbam(mbConv(swish(tf.add(tf.mul(stem, p["stemScale"]!), p["stemOffset"]!)), p), p);
  return { features, logits: tf.matMul(tf.mean(features, [1, 2]), p["head"]!) };
}

export const crossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits) as tf.Scalar;
