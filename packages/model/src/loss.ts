import * as tf from "@tensorflow/tfjs-core";

/**
 * Mean softmax cross-entropy with an analytic gradient.
 *
 * L = −1/B · Σᵢ Σ_k t_ik · log softmax(z_i)_k,  ∂L/∂z = (softmax(z) − t) / B
 *
 * @param logits - float32 [B, K]
 * @param targets - float32 [B, K], rows sum to 1; no gradient flows to them
 * @returns float32 scalar
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const inverseCount = 1 / logits.shape[0];
  const loss = tf.customGrad((logitsIn, save) => {
    const z = logitsIn as tf.Tensor2D;
    const value = tf.mul(tf.sum(tf.mul(targets, tf.logSoftmax(z))), -inverseCount);
    (save as tf.GradSaveFunc)([tf.softmax(z), targets]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [probabilities, wanted] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(tf.mul(tf.sub(probabilities, wanted), inverseCount), dy);
      },
    };
  });
  return loss(logits) as tf.Scalar;
}

/** Targets with label smoothing ε: t·(1 − ε) + ε/K. */
export function smoothTargets(oneHot: tf.Tensor2D, smoothing: number): tf.Tensor2D {
  if (smoothing === 0) return oneHot;
  return tf.add<tf.Tensor2D>(tf.mul(oneHot, 1 - smoothing), smoothing / oneHot.shape[1]);
}

/** Class indices as rows of a one-hot matrix, shape [count, classCount]. */
export function oneHotOf(labels: ArrayLike<number>, classCount: number): Float32Array {
  const rows = new Float32Array(labels.length * classCount);
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new RangeError(
        `A label must be an integer in [0, ${classCount}), got ${label} at position ${index}.`,
      );
    }
    rows[index * classCount + label] = 1;
  }
  return rows;
}

/** `crossEntropy` on plain arrays, in double precision: the mean over the examples. */
export function crossEntropyOf(logits: Float32Array, labels: readonly number[], classCount: number): number {
  let sum = 0;
  labels.forEach((label, row) => {
    const z = logits.subarray(row * classCount, (row + 1) * classCount);
    const largest = z.reduce((a, b) => Math.max(a, b), -Infinity);
    const exponentials = z.reduce((total, value) => total + Math.exp(value - largest), 0);
    sum += Math.log(exponentials) + largest - z[label]!;
  });
  return sum / labels.length;
}
