import * as tf from "@tensorflow/tfjs-core";
import type { ModelConfig } from "./config.ts";
import type { DepthwiseWindow } from "./depthwise-batch-norm.ts";
import type { Parameter } from "./parameter-table.ts";

/** What the layers need: their parameters by name, and how batch normalisation behaves in this run. */
export interface TensorScope {
  readonly config: ModelConfig;
  get(name: string): tf.Tensor;
  /** @param name - prefix of gamma, beta, mean and variance */
  batchNorm(x: tf.Tensor4D, name: string): tf.Tensor4D;
  /** A 1×1 convolution with "<name>/kernel" and its batch normalisation "<name>/batch-norm". */
  pointwise(x: tf.Tensor4D, name: string): tf.Tensor4D;
  /** A depthwise convolution with "<name>/kernel" and its batch normalisation "<name>/batch-norm". */
  depthwise(x: tf.Tensor4D, name: string, window: DepthwiseWindow): tf.Tensor4D;
  /** A 1×1 convolution with "<name>/kernel" of x, each channel first multiplied by its gate, [B, 1, 1, C]. */
  gatedPointwise(x: tf.Tensor4D, gate: tf.Tensor4D, name: string): tf.Tensor4D;
}

type PlainScope = Pick<TensorScope, "get" | "batchNorm">;

/** The layers by their definition; a training scope may compute the same in fewer passes. */
export const pointwiseThenBatchNorm = (scope: PlainScope, x: tf.Tensor4D, name: string): tf.Tensor4D =>
  scope.batchNorm(tf.conv2d(x, scope.get(`${name}/kernel`) as tf.Tensor4D, 1, "valid"), `${name}/batch-norm`);

export const depthwiseThenBatchNorm = (
  scope: PlainScope,
  { x, window }: { readonly x: tf.Tensor4D; readonly window: DepthwiseWindow },
  name: string,
): tf.Tensor4D => {
  const kernel = scope.get(`${name}/kernel`) as tf.Tensor4D;
  const response = tf.depthwiseConv2d(x, kernel, window.stride, window.padding);
  return scope.batchNorm(response, `${name}/batch-norm`);
};

export const gateThenConvolve = (
  scope: Pick<TensorScope, "get">,
  operands: { readonly x: tf.Tensor4D; readonly gate: tf.Tensor4D },
  name: string,
): tf.Tensor4D => {
  const gated = tf.mul<tf.Tensor4D>(operands.x, operands.gate);
  return tf.conv2d(gated, scope.get(`${name}/kernel`) as tf.Tensor4D, 1, "valid");
};

/** Cuts a flat vector into the tensors of the table, in the table's order. */
export function splitFlat(flat: tf.Tensor1D, parameters: readonly Parameter[]): tf.Tensor[] {
  const parts = tf.split(
    flat,
    parameters.map((parameter) => parameter.size),
    0,
  );
  return parts.map((part, index) => tf.reshape(part, [...parameters[index]!.shape]));
}

export const joinFlat = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]) as tf.Tensor1D));

/** Scope of inference: batch normalisation with the running statistics. */
export function inferenceScope(config: ModelConfig, tensors: ReadonlyMap<string, tf.Tensor>): TensorScope {
  const get = (name: string): tf.Tensor => namedTensor(tensors, name);
  const batchNorm = (x: tf.Tensor4D, name: string): tf.Tensor4D =>
    tf.batchNorm4d(
      x,
      get(`${name}/mean`) as tf.Tensor1D,
      get(`${name}/variance`) as tf.Tensor1D,
      get(`${name}/beta`) as tf.Tensor1D,
      get(`${name}/gamma`) as tf.Tensor1D,
      config.batchNormEpsilon,
    );
  return {
    config,
    get,
    batchNorm,
    pointwise: (x, name) => pointwiseThenBatchNorm({ get, batchNorm }, x, name),
    depthwise: (x, name, window) => depthwiseThenBatchNorm({ get, batchNorm }, { x, window }, name),
    gatedPointwise: (x, gate, name) => gateThenConvolve({ get }, { x, gate }, name),
  };
}

export function namedTensor(tensors: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The parameter table has no tensor named "${name}".`);
  return tensor;
}
