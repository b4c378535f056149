import * as tf from "@tensorflow/tfjs-core";
import type { TensorSpec } from "../compile.ts";
import type { GraphArray } from "../session.ts";
import { drawInput, patternOf, tensorOf, withGradients } from "./agreement.ts";

const step = 2e-3; // float32: small enough for curvature, large enough for rounding
const probedElements = 12;

type Values = Readonly<Record<string, GraphArray>>;
type Program = (...tensors: tf.Tensor[]) => tf.Tensor;

function contracted(inputs: readonly TensorSpec[], f: Program, values: Values): number {
  return tf.tidy(() => {
    const y = f(...inputs.map((spec) => tensorOf(spec, values[spec.name]!))).dataSync();
    const weights = patternOf(y.length);
    return Array.from(y).reduce((sum, value, index) => sum + value * weights[index]!, 0);
  });
}

/**
 * Largest gap between the gradient that tfjs computes on its CPU backend and central differences of the function
 * itself, relative where large: an oracle that knows no gradient. At most a dozen elements of an input are moved.
 */
export function finiteDifferenceGap(inputs: readonly TensorSpec[], f: Program, given?: Values): number {
  const values = Object.fromEntries(
    inputs.map((spec, index) => [spec.name, given?.[spec.name] ?? drawInput(spec, index + 1)]),
  );
  const gradients = tf.tidy(() => {
    const tensors = Object.fromEntries(inputs.map((spec) => [spec.name, tensorOf(spec, values[spec.name]!)]));
    const all = withGradients(inputs, f)(tensors);
    return Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, tensor.dataSync()]));
  });
  let worst = 0;
  for (const { name, dtype } of inputs) {
    const x = values[name]!;
    if (dtype !== "float32") continue;
    for (let at = 0; at < x.length; at += Math.max(1, Math.floor(x.length / probedElements))) {
      const moved = (by: number): Values => ({ ...values, [name]: x.with(at, x[at]! + by) });
      const [up, down] = [moved(step), moved(-step)];
      const width = up[name]![at]! - down[name]![at]!; // What float32 made of twice the step.
      const slope = (contracted(inputs, f, up) - contracted(inputs, f, down)) / width;
      worst = Math.max(worst, Math.abs(slope - gradients[`d:${name}`]![at]!) / Math.max(1, Math.abs(slope)));
    }
  }
  return worst;
}
