import * as tf from "@tensorflow/tfjs-core";
import { single, type GradientTable } from "./gradient-table.ts";

/** The product of dy and the other operands, summed to the axes of this one; axes that only this one has are repeated. */
function operandGradient(
  dy: tf.Tensor,
  operands: readonly tf.Tensor[],
  [terms, output, index]: readonly [terms: readonly string[], output: string, index: number],
): tf.Tensor {
  const term = terms[index]!;
  const others = operands.filter((_, at) => at !== index);
  const otherTerms = terms.filter((_, at) => at !== index);
  const known = term.split("").filter((axis) => output.includes(axis) || otherTerms.join("").includes(axis));
  const product = tf.einsum(`${[output, ...otherTerms].join(",")}->${known.join("")}`, dy, ...others);
  const { shape } = operands[index]!;
  if (known.length === term.length) return product;
  const thin = term.split("").map((axis, at) => (known.includes(axis) ? shape[at]! : 1));
  return tf.broadcastTo(tf.reshape(product, thin), shape);
}

export const einsumGradients: GradientTable = {
  Einsum: {
    saveAllInputs: true,
    gradFunc(dy, saved, attributes) {
      const [inputs, output] = (attributes["equation"] as string).replaceAll(" ", "").split("->");
      const terms = inputs!.split(",");
      return Object.fromEntries(
        saved.map((_, index) => [
          String(index),
          () => operandGradient(single(dy), saved, [terms, output!, index]),
        ]),
      );
    },
  },
};
