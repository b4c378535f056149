import * as tf from "@tensorflow/tfjs-core";
import type { BatchStatistics } from "./batch-norm.ts";

const pixelAxes = [0, 1, 2];

/**
 * A 1×1 convolution and the batch normalisation of its output, for convolutions that widen: u = γ·(x − μ)/√(σ² + ε) + β
 * with x = Wᵀ·v, v the pixels of the input.
 *
 * Everything that the normalisation needs of the wide x follows from the narrow v, so that x is never formed:
 *
 * forward   μ = Wᵀ·m,  σ² = diag(Wᵀ·C·W)  with m, C the mean and covariance of v,
 *           u = (W·diag a)ᵀ·v + β − a·μ,  a = γ·r,  r = 1/√(σ² + ε)
 * backward  G = Σ v·dyᵀ,  dβ = Σ dy,  dγ = r·(Σᵢ WᵢGᵢ − μ·dβ),  b = −a·r·dγ/n
 *           dW = (G − m·dβᵀ)·diag a + n·C·W·diag b
 *           dv = (W·diag a)·dy + W·diag b·Wᵀ·(v − m) − W·(a·dβ)/n
 *
 * One convolution forward, two products backward and no pass over the wide tensor besides.
 *
 * @param input - float32 [B, H, W, Cin], NHWC
 * @param kernel - float32 [1, 1, Cin, Cout]
 * @param gamma - float32 [Cout]
 * @param beta - float32 [Cout]
 * @returns u, [B, H, W, Cout], and the batch's mean and variance of x, through which no gradient flows; the statistics
 *   are kept and the caller disposes them
 * @remarks The covariance is a difference of moments: its relative error is 2⁻²⁴·(1 + m²/C), harmless for the outputs
 *   of a normalised layer.
 */
export function pointwiseBatchNormTraining(
  input: tf.Tensor4D,
  {
    kernel,
    gamma,
    beta,
  }: { readonly kernel: tf.Tensor4D; readonly gamma: tf.Tensor1D; readonly beta: tf.Tensor1D },
  epsilon: number,
): { readonly value: tf.Tensor4D; readonly statistics: BatchStatistics } {
  let statistics: BatchStatistics | undefined;
  const convolveAndNormalise = tf.customGrad((...given) => {
    const [v, kernelIn, gammaIn, betaIn, save] = given as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const forward = foldedNormalisation(v, kernelIn, gammaIn, epsilon);
    statistics = { mean: tf.keep(forward.mean), variance: tf.keep(forward.variance) };
    const offset = tf.sub<tf.Tensor1D>(betaIn, tf.mul(forward.mean, forward.scale));
    const value = convolve(v, forward.scaledWeights, offset);
    const { covariance, inputMean, mean, r, scale, scaledWeights, weights } = forward;
    save([v, weights, scaledWeights, inputMean, covariance, mean, r, scale]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy as tf.Tensor4D, saved) };
  });
  const value = convolveAndNormalise(input, kernel, gamma, beta) as tf.Tensor4D;
  if (statistics === undefined) throw new Error("Batch normalisation ran without computing its statistics.");
  return { value, statistics };
}

function foldedNormalisation(v: tf.Tensor4D, kernel: tf.Tensor4D, gamma: tf.Tensor1D, epsilon: number) {
  const [inChannels, outChannels] = [kernel.shape[2], kernel.shape[3]];
  const weights = tf.reshape<tf.Rank.R2>(kernel, [inChannels, outChannels]);
  const inputMean = tf.mean<tf.Tensor1D>(v, pixelAxes);
  const covariance = tf.sub<tf.Tensor2D>(
    tf.mul(products(v, v), 1 / pixelCount(v)),
    tf.outerProduct(inputMean, inputMean),
  );
  const mean = tf.reshape<tf.Rank.R1>(tf.matMul(row(inputMean), weights), [outChannels]);
  const variance = tf.relu(tf.sum<tf.Tensor1D>(tf.mul(weights, tf.matMul(covariance, weights)), 0));
  const r = tf.rsqrt(tf.add<tf.Tensor1D>(variance, epsilon));
  const scale = tf.mul<tf.Tensor1D>(gamma, r);
  const scaledWeights = tf.mul<tf.Tensor2D>(weights, scale);
  return { weights, scaledWeights, inputMean, covariance, mean, variance, r, scale };
}

function gradient(dy: tf.Tensor4D, saved: readonly tf.Tensor[]): tf.Tensor[] {
  const [v, weights, scaledWeights] = saved as [tf.Tensor4D, tf.Tensor2D, tf.Tensor2D];
  const [inputMean, covariance, mean, r, scale] = saved.slice(3) as [
    tf.Tensor1D,
    tf.Tensor2D,
    ...tf.Tensor1D[],
  ] as [tf.Tensor1D, tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const count = pixelCount(v);
  const inChannels = weights.shape[0];
  const g = products(v, dy);
  const dBeta = tf.sum<tf.Tensor1D>(dy, pixelAxes);
  const dGamma = tf.mul<tf.Tensor1D>(r, tf.sub(tf.sum(tf.mul(weights, g), 0), tf.mul(mean, dBeta)));
  const b = tf.mul<tf.Tensor1D>(tf.mul(scale, r), tf.mul(dGamma, -1 / count));
  const scaledByB = tf.mul<tf.Tensor2D>(weights, b);
  const dWeights = tf.add(
    tf.mul(tf.sub(g, tf.outerProduct(inputMean, dBeta)), scale),
    tf.mul(tf.matMul(covariance, scaledByB), count),
  );
  const mixing = tf.matMul<tf.Tensor2D>(scaledByB, weights, false, true); // [Cin, Cin], symmetric
  const shift = tf.add(
    tf.matMul(row(inputMean), mixing),
    tf.mul(tf.matMul(row(dBeta), scaledWeights, false, true), 1 / count),
  );
  const dInput = tf.add(
    convolve(dy, tf.transpose(scaledWeights)),
    convolve(v, mixing, tf.reshape<tf.Rank.R1>(tf.neg(shift), [inChannels])),
  );
  return [dInput, tf.reshape(dWeights, [1, 1, ...weights.shape]), dGamma, dBeta];
}

const pixelCount = ({ shape: [batch, height, width] }: tf.Tensor4D): number => batch * height * width;
const row = (vector: tf.Tensor1D): tf.Tensor2D => tf.reshape(vector, [1, -1]);

/** [B, H, W, C] with weights [C, D] → [B, H, W, D] */
function convolve(x: tf.Tensor4D, weights: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor4D {
  const filter = tf.reshape<tf.Rank.R4>(weights, [1, 1, ...weights.shape]);
  return tf.fused.conv2d({ x, filter, strides: 1, pad: "valid", ...(bias !== undefined && { bias }) });
}

/** Σ over all pixels of x·yᵀ, [B, H, W, C], [B, H, W, D] → [C, D]: what a 1×1 convolution's filter gradient is. */
function products(x: tf.Tensor4D, y: tf.Tensor4D): tf.Tensor2D {
  const shape: [number, number] = [x.shape[3], y.shape[3]];
  const filter = tf.engine().runKernel(
    "Conv2DBackpropFilter",
    { x, dy: y },
    {
      strides: 1,
      pad: "valid",
      dataFormat: "NHWC",
      filterShape: [1, 1, ...shape],
    },
  ) as tf.Tensor;
  return tf.reshape<tf.Rank.R2>(filter, shape);
}
