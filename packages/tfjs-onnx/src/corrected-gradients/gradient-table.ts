import * as tf from "@tensorflow/tfjs-core";

/** Gradients by kernel name, as tfjs registers them. */
export type GradientTable = Readonly<Record<string, Omit<tf.GradConfig, "kernelName">>>;
export type Gradients = ReturnType<tf.GradFunc>;
export type Attributes = Parameters<tf.GradFunc>[2];

/** The gradient that tfjs itself has for a kernel, as it stood when this module was loaded. */
export function gradientOfTfjs(kernelName: string): tf.GradConfig {
  const config = tf.getGradient(kernelName);
  if (config === undefined) throw new Error(`tfjs has no gradient of ${kernelName} to build on`);
  return config;
}

/** tfjs's gradient of a kernel, with other attributes or with its results changed. */
export function adjusted(
  kernelName: string,
  adjust: {
    readonly attributes?: (attributes: Attributes, saved: readonly tf.Tensor[]) => Attributes;
    readonly result?: (gradient: tf.Tensor, input: tf.Tensor) => tf.Tensor;
  },
): Omit<tf.GradConfig, "kernelName"> {
  const original = gradientOfTfjs(kernelName);
  return {
    ...original,
    gradFunc(dy, saved, attributes) {
      const gradients = original.gradFunc(dy, saved, adjust.attributes?.(attributes, saved) ?? attributes);
      const change = adjust.result;
      if (!change) return gradients;
      return Object.fromEntries(
        Object.entries(gradients).map(([name, gradient]) => {
          const input = saved[original.inputsToSave?.indexOf(name) ?? -1];
          return [name, () => (input ? change(gradient(), input) : gradient())];
        }),
      );
    },
  };
}

/** Sums over the axes along which a tensor of `shape` was repeated. */
export function sumTo(tensor: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, tensor.shape);
  return axes.length === 0 ? tensor : tf.reshape(tf.sum(tensor, axes), shape);
}

/** Of a kernel with one output. */
export const single = (dy: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(dy) ? dy[0]! : dy);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);
