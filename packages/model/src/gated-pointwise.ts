import * as tf from "@tensorflow/tfjs-core";

/**
 * A 1×1 convolution of gated channels, the gates taken into the weights: Wᵀ·(g ⊙ x) = (diag(g)·W)ᵀ·x.
 *
 * Each image then has weights of its own, and neither the gated tensor nor its gradient is formed.
 *
 * @param x - float32 [B, H, W, C], NHWC
 * @param gate - float32 [B, 1, 1, C]
 * @param kernel - float32 [1, 1, C, D]
 * @returns float32 [B, H, W, D]
 */
export function gatedPointwise(x: tf.Tensor4D, gate: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const outChannels = kernel.shape[3];
  const perImage = tf.mul<tf.Tensor3D>(
    tf.reshape(gate, [batch, channels, 1]),
    tf.reshape(kernel, [1, channels, outChannels]),
  );
  const pixels = tf.reshape<tf.Rank.R3>(x, [batch, height * width, channels]);
  return tf.reshape(tf.matMul(pixels, perImage), [batch, height, width, outChannels]);
}
