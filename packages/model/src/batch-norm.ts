import * as tf from "@tensorflow/tfjs-core";

export interface BatchStatistics {
  /** Shape [C]. */
  readonly mean: tf.Tensor1D;
  /** Shape [C]; biased, as used for normalisation. */
  readonly variance: tf.Tensor1D;
}

const pixelAxes = [0, 1, 2];

/**
 * Batch normalisation with the statistics of this batch.
 *
 * forward   y = γ · (x − μ) / √(σ² + ε) + β
 * backward  dβ = Σ dy,  dγ = r · (Σ dy·x − μ·dβ),  dx = a·dy + b·x + c,
 *           r = 1/√(σ² + ε),  a = γ·r,  b = −a·r·dγ/n,  c = −a·dβ/n − b·μ
 *
 * Two channel-wise reductions and one affine combination: few nodes and few passes over x when compiled.
 *
 * @param x - float32 [B, H, W, C], NHWC
 * @param gamma - float32 [C]
 * @param beta - float32 [C]
 * @returns value and the batch's mean and variance, through which no gradient flows; the statistics are kept and the
 *   caller disposes them
 * @source Ioffe & Szegedy (2015), section 3
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): { readonly value: tf.Tensor4D; readonly statistics: BatchStatistics } {
  let statistics: BatchStatistics | undefined;
  const normalise = tf.customGrad((xIn, gammaIn, betaIn, save) => {
    const input = xIn as tf.Tensor4D;
    const mean = tf.mean<tf.Tensor1D>(input, pixelAxes);
    const variance = tf.mean<tf.Tensor1D>(tf.squaredDifference(input, mean), pixelAxes);
    statistics = { mean: tf.keep(mean), variance: tf.keep(variance) };
    const offset = betaIn as tf.Tensor1D;
    const scale = gammaIn as tf.Tensor1D;
    const value = tf.batchNorm4d(input, mean, variance, offset, scale, epsilon);
    (save as tf.GradSaveFunc)([input, scale, mean, variance]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        batchNormGradient(
          dy as tf.Tensor4D,
          saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D],
          epsilon,
        ),
    };
  });
  const value = normalise(x, gamma, beta) as tf.Tensor4D;
  if (statistics === undefined) throw new Error("Batch normalisation ran without computing its statistics.");
  return { value, statistics };
}

function batchNormGradient(
  dy: tf.Tensor4D,
  saved: readonly [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D],
  epsilon: number,
): [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D] {
  const [x, gamma, mean, variance] = saved;
  const [batch, height, width] = x.shape;
  const inverseCount = 1 / (batch * height * width);
  const r = tf.rsqrt(tf.add(variance, epsilon));
  const dBeta = tf.sum<tf.Tensor1D>(dy, pixelAxes);
  const dGamma = tf.mul<tf.Tensor1D>(r, tf.sub(tf.sum(tf.mul(dy, x), pixelAxes), tf.mul(mean, dBeta)));
  const a = tf.mul(gamma, r);
  const b = tf.mul(tf.neg(tf.mul(a, r)), tf.mul(dGamma, inverseCount));
  const c = tf.neg(tf.add(tf.mul(a, tf.mul(dBeta, inverseCount)), tf.mul(b, mean)));
  const dx = tf.add<tf.Tensor4D>(tf.add(tf.mul(dy, a), tf.mul(x, b)), c);
  return [dx, dGamma, dBeta];
}
