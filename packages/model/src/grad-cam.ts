import * as tf from "@tensorflow/tfjs-core";

/**
 * Grad-CAM of every image of a batch at once.
 *
 * L = ReLU(Σ_k α_k A_k),  α_k = 1/Z Σ_i Σ_j ∂y/∂A_ijk                              (eq. 13)
 *
 * @param activation - float32 [B, h, w, C]: A
 * @param tail - the rest of the network, A → logits [B, K]; images must not influence each other in it
 * @param classWeights - float32 [K]: y = Σ_k w_k · logit_k; one-hot for one class's logit
 * @returns float32 [B, h, w], values ≥ 0, not scaled
 * @source Selvaraju et al. (2017); paper, section 2.3. y is the logit, before the softmax, as Selvaraju defines it
 */
export function gradCam(
  activation: tf.Tensor4D,
  tail: (activation: tf.Tensor4D) => tf.Tensor2D,
  classWeights: tf.Tensor1D,
): tf.Tensor3D {
  const classScore = (x: tf.Tensor4D): tf.Scalar => tf.sum(tf.mul(tail(x), classWeights));
  const gradient = tf.grad((x: tf.Tensor) => classScore(x as tf.Tensor4D))(activation) as tf.Tensor4D;
  const alpha = tf.mean<tf.Tensor4D>(gradient, [1, 2], true); // [B, h, w, C] → [B, 1, 1, C]
  return tf.relu(tf.sum<tf.Tensor3D>(tf.mul(activation, alpha), 3));
}
