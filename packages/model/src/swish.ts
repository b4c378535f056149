import * as tf from "@tensorflow/tfjs-core";

/**
 * x · σ(x), with its derivative as one expression instead of the product rule over two kernels.
 *
 * d/dx = σ(x)·(1 + x − y); the gate is computed again rather than kept, which costs less than its memory, and every other
 * step can be done in place
 *
 * @source Ramachandran et al. (2017), "Swish"
 */
export const swish = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const value = tf.mul(input, tf.sigmoid(input));
  (save as tf.GradSaveFunc)([input, value]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [argument, y] = saved as [tf.Tensor, tf.Tensor];
      const gate = tf.sigmoid(argument);
      return tf.mul(tf.mul(tf.add(tf.sub(argument, y), 1), gate), dy);
    },
  };
}) as <TTensor extends tf.Tensor>(x: TTensor) => TTensor;
