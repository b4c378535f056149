import * as tf from "@tensorflow/tfjs-core";
import { dense } from "./dense.ts";
import type { TensorScope } from "./tensor-scope.ts";

/** Convolutional block attention module; Woo et al. (2018), the paper's section 2.2.2. */

/**
 * Channel attention, then spatial attention.
 *
 * M_c(F) = σ(MLP(AvgPool F) + MLP(MaxPool F)),  F′ = M_c ⊗ F                       (eq. 7)
 * M_s(F′) = σ(f⁷ˣ⁷([AvgPool F′; MaxPool F′])),  F″ = M_s ⊗ F′                      (eq. 8, 9)
 *
 * @param features - float32 [B, H, W, C], NHWC
 * @returns F″, same shape
 */
export function cbam(features: tf.Tensor4D, scope: TensorScope): tf.Tensor4D {
  const refined = tf.mul<tf.Tensor4D>(channelAttention(features, scope), features);
  return tf.mul<tf.Tensor4D>(spatialAttention(refined, scope), refined);
}

/** M_c, float32 [B, 1, 1, C], values in (0, 1). */
export function channelAttention(features: tf.Tensor4D, scope: TensorScope): tf.Tensor4D {
  const channels = features.shape[3];
  const average = tf.mean<tf.Tensor2D>(features, [1, 2]); // [B, H, W, C] → [B, C]
  const maximum = tf.max<tf.Tensor2D>(features, [1, 2]);
  const perceptron = (pooled: tf.Tensor2D) =>
    dense(tf.relu(dense(pooled, scope, "cbam/channel/reduce")), scope, "cbam/channel/expand");
  const gate = tf.sigmoid(tf.add<tf.Tensor2D>(perceptron(average), perceptron(maximum)));
  return tf.reshape(gate, [-1, 1, 1, channels]); // [B, C] → [B, 1, 1, C]
}

/** M_s, float32 [B, H, W, 1], values in (0, 1). */
export function spatialAttention(refined: tf.Tensor4D, scope: TensorScope): tf.Tensor4D {
  const average = tf.mean<tf.Tensor4D>(refined, 3, true); // [B, H, W, C] → [B, H, W, 1]
  const maximum = tf.max<tf.Tensor4D>(refined, 3, true);
  const pooled = tf.concat4d([average, maximum], 3); // [B, H, W, 2]
  const response = tf.conv2d(pooled, scope.get("cbam/spatial/kernel") as tf.Tensor4D, 1, "same");
  return tf.sigmoid(tf.add<tf.Tensor4D>(response, scope.get("cbam/spatial/bias")));
}
