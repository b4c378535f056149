import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { compileFunction } from "./compile.ts";
import { createSession } from "./session.ts";
import { compare, drawInput, float, int } from "./testing/agreement.ts";
import { crossEntropy, smallNetwork, smallNetworkParameters as parameters } from "./testing/small-network.ts";

const inputs = [float("images", 4, 17, 15, 3), int("labels", 4), ...parameters];
const labels = Int32Array.of(0, 2, 1, 2);

function lossAndGradients(tensors: Record<string, tf.Tensor>): { value: tf.Scalar; grads: tf.Tensor[] } {
  const loss = (...given: tf.Tensor[]): tf.Scalar => {
    const named = Object.fromEntries(parameters.map(({ name }, index) => [name, given[index]!]));
    return crossEntropy(smallNetwork(tensors["images"]!, named).logits, tensors["labels"]!);
  };
  return tf.valueAndGrads(loss)(parameters.map(({ name }) => tensors[name]!));
}

test.each(["cpu", "gpu"] as const)(
  "agrees in loss and all gradients of a network for target %s",
  async (target) => {
    const { worst, graph } = await compare({
      inputs,
      target,
      values: { labels },
      run: (tensors) => {
        const { value, grads } = lossAndGradients(tensors);
        const norm = tf.sqrt(tf.addN(grads.map((gradient) => tf.sum(tf.square(gradient)))));
        return {
          loss: value,
          norm,
          ...Object.fromEntries(parameters.map(({ name }, index) => [`d:${name}`, grads[index]!])),
        };
      },
    });
    expect(worst).toBeLessThan(1e-5);
    expect(graph.outputs).toHaveLength(parameters.length + 2);
  },
);

test("agrees in a Grad-CAM map", async () => {
  const { worst } = await compare({
    inputs: inputs.filter(({ name }) => name !== "labels"),
    run: (tensors) => {
      const { features } = smallNetwork(tensors["images"]!, tensors);
      const score = (map: tf.Tensor): tf.Tensor =>
        tf.sum(tf.slice(tf.matMul(tf.mean(map, [1, 2]), tensors["head"]!), [0, 1], [-1, 1]));
      const weights = tf.mean(tf.grad(score)(features), [1, 2], true);
      const map = tf.relu(tf.sum(tf.mul(weights, features), 3, true));
      return { map: tf.image.resizeBilinear(map as tf.Tensor4D, [17, 15], false, true) };
    },
  });
  expect(worst).toBeLessThan(1e-5);
});

/** Adam (Kingma & Ba, 2015), algorithm 1, on one flat vector. */
function adamStep(tensors: Record<string, tf.Tensor>, gradient: tf.Tensor): Record<string, tf.Tensor> {
  const [beta1, beta2] = [0.9, 0.999];
  const m = tf.add(tf.mul(tensors["m"]!, beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(tensors["v"]!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const step = tf.add(tensors["step"]!, 1);
  const mHat = tf.div(m, tf.sub(1, tf.pow(tf.scalar(beta1), step)));
  const vHat = tf.div(v, tf.sub(1, tf.pow(tf.scalar(beta2), step)));
  const update = tf.mul(tf.div(mHat, tf.add(tf.sqrt(vHat), 1e-8)), 0.01);
  return { nextFlat: tf.sub(tensors["flat"]!, update), nextM: m, nextV: v, nextStep: step };
}

const sizes = parameters.map(({ shape }) => shape.reduce((product, dim) => product * dim, 1));
const total = sizes.reduce((sum, size) => sum + size, 0);

function trainStep(tensors: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const loss = (flat: tf.Tensor): tf.Scalar => {
    const parts = tf.split(flat, sizes);
    const named = Object.fromEntries(
      parameters.map(({ name, shape }, index) => [name, tf.reshape(parts[index]!, [...shape])]),
    );
    return crossEntropy(smallNetwork(tensors["images"]!, named).logits, tensors["labels"]!);
  };
  const { value, grad } = tf.valueAndGrad((flat: tf.Tensor) => loss(flat))(tensors["flat"]!);
  return { loss: value, ...adamStep(tensors, grad) };
}

test("trains with the optimizer inside the graph: the loss falls, step for step as on the CPU backend", async () => {
  const flat = Float32Array.from(parameters.flatMap((spec, index) => [...drawInput(spec, index + 1)]));
  const specs = [
    inputs[0]!,
    inputs[1]!,
    float("flat", total),
    float("m", total),
    float("v", total),
    float("step"),
  ];
  const session = await createSession(compileFunction({ inputs: specs, run: trainStep }), { threadCount: 1 });
  const images = drawInput(inputs[0]!, 99);
  let state = { flat, m: new Float32Array(total), v: new Float32Array(total), step: Float32Array.of(0) };
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    const next = await session.run({ images, labels, ...state });
    losses.push(next["loss"]![0]!);
    state = {
      flat: Float32Array.from(next["nextFlat"]!),
      m: Float32Array.from(next["nextM"]!),
      v: Float32Array.from(next["nextV"]!),
      step: Float32Array.from(next["nextStep"]!),
    };
  }
  await session.dispose();
  expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.9);

  await tf.setBackend("cpu");
  const expected: number[] = [];
  let eager: Record<string, tf.Tensor> = {
    images: tf.tensor(images, [...inputs[0]!.shape]),
    labels: tf.tensor1d(labels, "int32"),
    flat: tf.tensor1d(flat),
    m: tf.zeros([total]),
    v: tf.zeros([total]),
    step: tf.scalar(0),
  };
  for (let step = 0; step < 8; step++) {
    const next = tf.tidy(() => trainStep(eager));
    expected.push(next["loss"]!.dataSync()[0]!);
    eager = {
      ...eager,
      flat: next["nextFlat"]!,
      m: next["nextM"]!,
      v: next["nextV"]!,
      step: next["nextStep"]!,
    };
  }
  losses.forEach((loss, step) => expect(loss).toBeCloseTo(expected[step]!, 3));
});
