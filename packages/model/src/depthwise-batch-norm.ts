import * as tf from "@tensorflow/tfjs-core";
import { batchMoments, unscaledGradient, type BatchStatistics } from "./batch-norm.ts";

export interface DepthwiseWindow {
  readonly stride: number;
  readonly padding: "same" | number;
}

/**
 * A depthwise convolution and the batch normalisation of its output. Backward, the factor γ·r of the normalisation goes
 * into the small filter and its gradient instead of the large tensors between.
 *
 * @param input - float32 [B, H, W, C], NHWC
 * @param kernel - float32 [kh, kw, C, 1]
 * @param gamma - float32 [C]
 * @param beta - float32 [C]
 * @returns float32 [B, H′, W′, C] and the batch's mean and variance of the convolution, through which no gradient flows;
 *   the statistics are kept and the caller disposes them
 */
export function depthwiseBatchNormTraining(
  input: tf.Tensor4D,
  layer: {
    readonly kernel: tf.Tensor4D;
    readonly gamma: tf.Tensor1D;
    readonly beta: tf.Tensor1D;
    readonly window: DepthwiseWindow;
  },
  epsilon: number,
): { readonly value: tf.Tensor4D; readonly statistics: BatchStatistics } {
  let statistics: BatchStatistics | undefined;
  const { stride, padding } = layer.window;
  const convolveAndNormalise = tf.customGrad((...given) => {
    const [v, kernel, gamma, beta, save] = given as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const x = tf.depthwiseConv2d(v, kernel, stride, padding);
    const { mean, variance } = batchMoments(x);
    statistics = { mean: tf.keep(mean), variance: tf.keep(variance) };
    const value = tf.batchNorm4d(x, mean, variance, beta, gamma, epsilon);
    save([v, x, kernel, gamma, mean, variance]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [vIn, xIn, kernelSaved] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
        const [gammaSaved, meanSaved, varianceSaved] = saved.slice(3) as tf.Tensor1D[];
        const normalised = { x: xIn, statistics: { mean: meanSaved!, variance: varianceSaved! } };
        const { unscaled, r, dBeta, dGamma } = unscaledGradient(dy as tf.Tensor4D, normalised, epsilon);
        const scale = tf.reshape(tf.mul(gammaSaved!, r), [1, 1, -1, 1]);
        const attributes = { strides: stride, pad: padding, dilations: 1 };
        const dInput = tf
          .engine()
          .runKernel(
            "DepthwiseConv2dNativeBackpropInput",
            { dy: unscaled, filter: tf.mul(kernelSaved, scale) },
            { ...attributes, inputShape: vIn.shape },
          ) as tf.Tensor;
        const dKernel = tf
          .engine()
          .runKernel(
            "DepthwiseConv2dNativeBackpropFilter",
            { x: vIn, dy: unscaled },
            { ...attributes, filterShape: kernelSaved.shape },
          ) as tf.Tensor;
        return [dInput, tf.mul(dKernel, scale), dGamma, dBeta];
      },
    };
  });
  const value = convolveAndNormalise(input, layer.kernel, layer.gamma, layer.beta) as tf.Tensor4D;
  if (statistics === undefined) throw new Error("Batch normalisation ran without computing its statistics.");
  return { value, statistics };
}
