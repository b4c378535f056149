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
 * backward  dβ = Σ dy,  dγ = r · (Σ dy·x − μ·dβ),  dx = γ·r·(dy + b·x + c),
 *           r = 1/√(σ² + ε),  b = −r·dγ/n,  c = −dβ/n − b·μ
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
    const { mean, variance } = batchMoments(input);
    statistics = { mean: tf.keep(mean), variance: tf.keep(variance) };
    const offset = betaIn as tf.Tensor1D;
    const scale = gammaIn as tf.Tensor1D;
    const value = tf.batchNorm4d(input, mean, variance, offset, scale, epsilon);
    (save as tf.GradSaveFunc)([input, scale, mean, variance]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [normalised, gammaSaved, ...moments] = saved as [tf.Tensor4D, ...tf.Tensor1D[]];
        const statisticsSaved = { mean: moments[0]!, variance: moments[1]! };
        const { unscaled, r, dBeta, dGamma } = unscaledGradient(
          dy as tf.Tensor4D,
          { x: normalised, statistics: statisticsSaved },
          epsilon,
        );
        return [tf.mul(unscaled, tf.mul(gammaSaved!, r)), dGamma, dBeta];
      },
    };
  });
  const value = normalise(x, gamma, beta) as tf.Tensor4D;
  if (statistics === undefined) throw new Error("Batch normalisation ran without computing its statistics.");
  return { value, statistics };
}

/** Mean and biased variance of each channel, [C]. */
export function batchMoments(x: tf.Tensor4D): BatchStatistics {
  const mean = tf.mean<tf.Tensor1D>(x, pixelAxes);
  return { mean, variance: tf.mean<tf.Tensor1D>(tf.squaredDifference(x, mean), pixelAxes) };
}

/** The gradient of `batchNormTraining` before its factor γ·r, which a convolution in front can take into its filter. */
export function unscaledGradient(
  dy: tf.Tensor4D,
  { x, statistics }: { readonly x: tf.Tensor4D; readonly statistics: BatchStatistics },
  epsilon: number,
): {
  readonly unscaled: tf.Tensor4D;
  readonly r: tf.Tensor1D;
  readonly dGamma: tf.Tensor1D;
  readonly dBeta: tf.Tensor1D;
} {
  const [batch, height, width] = x.shape;
  const inverseCount = 1 / (batch * height * width);
  const r = tf.rsqrt(tf.add<tf.Tensor1D>(statistics.variance, epsilon));
  const dBeta = tf.sum<tf.Tensor1D>(dy, pixelAxes);
  const products = tf.sum<tf.Tensor1D>(tf.mul(dy, x), pixelAxes);
  const dGamma = tf.mul<tf.Tensor1D>(r, tf.sub(products, tf.mul(statistics.mean, dBeta)));
  const b = tf.mul(tf.mul(r, dGamma), -inverseCount);
  const c = tf.neg(tf.add(tf.mul(dBeta, inverseCount), tf.mul(b, statistics.mean)));
  const unscaled = tf.add<tf.Tensor4D>(tf.add(tf.mul(x, b), c), dy);
  return { unscaled, r, dGamma, dBeta };
}
