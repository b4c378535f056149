import * as tf from "@tensorflow/tfjs-core";
import type { TensorScope } from "./tensor-scope.ts";

/** x·W + b, [B, in] → [B, out]. */
export function dense(x: tf.Tensor2D, scope: TensorScope, name: string): tf.Tensor2D {
  const kernel = scope.get(`${name}/kernel`) as tf.Tensor2D;
  return tf.add<tf.Tensor2D>(tf.matMul(x, kernel), scope.get(`${name}/bias`));
}
