import * as tf from "@tensorflow/tfjs-core";
import { buildArchitecture, type Block } from "./architecture.ts";
import { cbam } from "./cbam.ts";
import { dense } from "./dense.ts";
import { classify, headConvolution } from "./head.ts";
import { swish } from "./swish.ts";
import type { TensorScope } from "./tensor-scope.ts";

/** EfficientNet-B0 as plain functions of tensors; Tan & Le (2019). NHWC, float32; inputs are never disposed. */

/**
 * [B, S, S, 3] → [B, S/2, S/2, stemChannels]; also of one gray plane, [B, S, S, 1], which stands for three equal ones: the
 * sum of the filter's three planes does with it what they do with three copies.
 */
export function stem(images: tf.Tensor4D, scope: TensorScope): tf.Tensor4D {
  const planes = scope.get("stem/kernel") as tf.Tensor4D;
  const kernel = images.shape[3] === 1 ? tf.sum<tf.Tensor4D>(planes, 2, true) : planes;
  const response = tf.conv2d(images, kernel, 2, paddingFor(scope, 3));
  return swish(scope.batchNorm(response, "stem/batch-norm"));
}

/** Inverted bottleneck with squeeze-and-excitation, [B, H, W, C] → [B, H/stride, W/stride, C′]. */
export function mbConv(input: tf.Tensor4D, block: Block, scope: TensorScope): tf.Tensor4D {
  let x = input;
  if (block.hasExpansion) x = swish(scope.pointwise(x, `${block.name}/expand`));
  const window = { stride: block.stride, padding: paddingFor(scope, block.kernelSize) };
  x = swish(scope.depthwise(x, `${block.name}/depthwise`, window));
  x = scope.gatedPointwise(x, squeezeExcitation(x, block, scope), `${block.name}/project`);
  x = scope.batchNorm(x, `${block.name}/project/batch-norm`);
  return block.hasShortcut ? tf.add<tf.Tensor4D>(x, input) : x;
}

/** Channel gates of Hu et al. (2018), float32 [B, 1, 1, C], values in (0, 1). */
function squeezeExcitation(x: tf.Tensor4D, block: Block, scope: TensorScope): tf.Tensor4D {
  const squeezed = tf.mean<tf.Tensor2D>(x, [1, 2]); // [B, H, W, C] → [B, C]
  const reduced = swish(dense(squeezed, scope, `${block.name}/squeeze-excite/reduce`));
  const gate = tf.sigmoid(dense(reduced, scope, `${block.name}/squeeze-excite/expand`));
  return tf.reshape(gate, [-1, 1, 1, block.expandedChannels]); // [B, C] → [B, 1, 1, C]
}

/** Backbone up to and including the last MBConv block; B0 at 224 px: [B, 224, 224, 1 or 3] → [B, 7, 7, 320]. */
export function features(images: tf.Tensor4D, scope: TensorScope): tf.Tensor4D {
  let x = stem(images, scope);
  for (const block of buildArchitecture(scope.config).blocks) x = mbConv(x, block, scope);
  return x;
}

/** F″ of eq. 9, or the features themselves where the configuration has no attention module. */
export const attend = (x: tf.Tensor4D, scope: TensorScope): tf.Tensor4D =>
  scope.config.attention === "cbam" ? cbam(x, scope) : x;

/**
 * Class logits of a batch.
 *
 * @param images - float32 [B, S, S, 1], NHWC, normalised (eq. 2)
 * @returns float32 [B, K]; softmax of it is p of eq. 11
 */
export function forward(images: tf.Tensor4D, scope: TensorScope): tf.Tensor2D {
  const attended = attend(features(images, scope), scope);
  return classify(headConvolution(attended, scope), scope);
}

/** tfjs's "same" is TensorFlow's: with stride 2 and even input it pads the far side only. */
const paddingFor = (scope: TensorScope, kernelSize: number): "same" | number =>
  scope.config.padding === "same-tf" ? "same" : (kernelSize - 1) / 2;
