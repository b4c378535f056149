import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { compare, float, withGradients } from "./testing/agreement.ts";

describe("a first network", () => {
  test("agrees with the CPU backend in values and gradients", async () => {
    const inputs = [float("x", 2, 9, 8, 3), float("w", 3, 3, 3, 4), float("v", 4, 5), float("b", 4)];
    const { worst, graph } = await compare({
      inputs,
      run: withGradients(inputs, (x, w, v, b) => {
        const y = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same"), b!));
        return tf.matMul(tf.mean(y, [1, 2]), v!);
      }),
    });
    expect(worst).toBeLessThan(1e-5);
    expect(graph.nodeCount).toBeGreaterThan(5);
  });
});
