import * as tf from "@tensorflow/tfjs-core";
import { dense } from "./dense.ts";
import { swish } from "./swish.ts";
import type { TensorScope } from "./tensor-scope.ts";

/** The 1×1 convolution of the "conv-head" variant, [B, H, W, C] → [B, H, W, headChannels]; the identity for "gap". */
export function headConvolution(attended: tf.Tensor4D, scope: TensorScope): tf.Tensor4D {
  if (scope.config.headVariant === "gap") return attended;
  return swish(scope.pointwise(attended, "head/conv"));
}

/** Global pooling (average: eq. 10) and W·f̂ + b (eq. 11 before the softmax), [B, H, W, C] → [B, K]. */
export function classify(activation: tf.Tensor4D, scope: TensorScope): tf.Tensor2D {
  const pool = scope.config.pooling === "average" ? tf.mean<tf.Tensor2D> : tf.max<tf.Tensor2D>;
  const pooled = pool(activation, [1, 2]);
  return dense(pooled, scope, "head/dense");
}
