import * as tf from "@tensorflow/tfjs-core";

/**
 * x · σ(x), with its derivative as one expression instead of the product rule over two kernels.
 *
 * d/dx = y + σ(x) · (1 − y)
 *
 * @source Ramachandran et al. (2017), "Swish"
 */
export const swish = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const gate = tf.sigmoid(input);
  const value = tf.mul(input, gate);
  (save as tf.GradSaveFunc)([gate, value]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sigma, y] = saved as [tf.Tensor, tf.Tensor];
      return tf.mul(dy, tf.add(y, tf.mul(sigma, tf.sub(1, y))));
    },
  };
}) as <TTensor extends tf.Tensor>(x: TTensor) => TTensor;
