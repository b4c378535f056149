import * as tf from "@tensorflow/tfjs-core";

/**
 * Batch normalisation with given statistics, through which scale and shift can learn.
 *
 * y = a·x + c,  a = γ/√(σ² + ε),  c = β − a·μ
 *
 * @param x - float32 [B, H, W, C], NHWC
 * @returns float32 [B, H, W, C]; gradients flow to x, gamma and beta by plain products
 */
export function runningBatchNorm(
  x: tf.Tensor4D,
  tensors: Record<"gamma" | "beta" | "mean" | "variance", tf.Tensor1D>,
  epsilon: number,
): tf.Tensor4D {
  const a = tf.mul(tensors.gamma, tf.rsqrt(tf.add(tensors.variance, epsilon)));
  const c = tf.sub(tensors.beta, tf.mul(a, tensors.mean));
  return tf.add(tf.mul(x, a), c);
}
