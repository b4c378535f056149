import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { describe, expect, test } from "vitest";
import { compileFunction } from "./compile.ts";
import { createSession } from "./session.ts";
import { bool, float, int } from "./testing/agreement.ts";
import { sweep, type SweepCase } from "./testing/sweep.ts";

type Loss = (
  labels: tf.Tensor,
  predictions: tf.Tensor,
  weights: tf.Tensor | undefined,
  reduction: number,
) => tf.Tensor;

const probabilities = Float32Array.from(
  { length: 12 },
  (_, index) => 0.05 + (0.9 * ((index * 37) % 101)) / 101,
);

const ofNumbers: readonly [string, Loss][] = [
  ["absolute difference", (l, p, w, r) => tf.losses.absoluteDifference(l, p, w, r)],
  ["cosine distance", (l, p, w, r) => tf.losses.cosineDistance(l, p, 1, w, r)],
  ["Huber", (l, p, w, r) => tf.losses.huberLoss(l, p, w, 0.7, r)],
  ["mean squared error", (l, p, w, r) => tf.losses.meanSquaredError(l, p, w, r)],
];

const ofTruthValues: readonly [string, Loss][] = [
  ["hinge", (l, p, w, r) => tf.losses.hingeLoss(l, p, w, r)],
  ["logarithmic", (l, p, w, r) => tf.losses.logLoss(l, p, w, 1e-6, r)],
  ["sigmoid cross-entropy, smoothed", (l, p, w, r) => tf.losses.sigmoidCrossEntropy(l, p, w, 0.1, r)],
];

const reductions = [
  ["none", 0],
  ["mean", 1],
  ["sum", 2],
  ["sum by nonzero weights", 3],
] as const;

describe("losses", () => {
  sweep(
    reductions.flatMap(([reductionName, reduction]) =>
      [false, true].flatMap((isWeighted): SweepCase[] => {
        const title = `${reductionName}${isWeighted ? ", weighted" : ""}`;
        const weights = (): tf.Tensor | undefined =>
          isWeighted ? tf.tensor2d([1, 0, 0.5], [3, 1]) : undefined;
        return [
          ...ofNumbers.map(([name, loss]): SweepCase => ({
            name: `${name}, ${title}`,
            inputs: [float("l", 3, 4), float("p", 3, 4)],
            f: (l, p) => loss(l!, p!, weights(), reduction),
          })),
          ...ofTruthValues.map(([name, loss]): SweepCase => ({
            name: `${name}, ${title}`,
            inputs: [bool("l", 3, 4), float("p", 3, 4)],
            f: (l, p) => loss(tf.cast(l!, "float32"), p!, weights(), reduction),
            values: { p: probabilities },
          })),
          {
            name: `softmax cross-entropy, smoothed, ${title}`,
            inputs: [int("l", 3), float("p", 3, 4)],
            f: (l, p) => {
              const weighted = isWeighted ? tf.tensor1d([1, 0, 0.5]) : undefined;
              return tf.losses.softmaxCrossEntropy(tf.oneHot(l!, 4), p!, weighted, 0.1, reduction);
            },
            values: { l: Int32Array.of(0, 3, 1) },
          },
          {
            name: `weights as an input, ${title}`,
            inputs: [float("l", 3, 4), float("p", 3, 4), float("w", 3, 1)],
            f: (l, p, w) => tf.losses.computeWeightedLoss(tf.square(tf.sub(l!, p!)), w, reduction),
          },
        ];
      }),
    ),
    ["cpu"],
  );
});

type State = Readonly<Record<string, tf.Tensor>>;

/** One step of an optimizer without variables: the next parameters and the next state from the gradient. */
interface Rule {
  readonly make: () => tf.Optimizer;
  readonly state: readonly string[];
  readonly step: (w: tf.Tensor, gradient: tf.Tensor, state: State) => State & { readonly w: tf.Tensor };
  readonly initial?: number;
}

const rate = 0.05;
const blend = (old: tf.Tensor, share: number, now: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(old, share), tf.mul(now, 1 - share));

const momentumRule = (useNesterov: boolean): Rule => ({
  make: () => tf.train.momentum(rate, 0.9, useNesterov),
  state: ["m"],
  step: (w, gradient, { m }) => {
    const next = tf.add(tf.mul(m!, 0.9), gradient);
    const update = useNesterov ? tf.add(gradient, tf.mul(next, 0.9)) : next;
    return { w: tf.sub(w, tf.mul(update, rate)), m: next };
  },
});

const rmsRule = (isCentered: boolean): Rule => ({
  make: () => tf.train.rmsprop(rate, 0.9, 0.5, 1e-3, isCentered),
  state: ["squares", "means", "m"],
  step: (w, gradient, { squares, means, m }) => {
    const nextSquares = blend(squares!, 0.9, tf.square(gradient));
    const nextMeans = blend(means!, 0.9, gradient);
    // tfjs takes epsilon off where it centres.
    const spread = isCentered
      ? tf.sub(nextSquares, tf.add(tf.square(nextMeans), 1e-3))
      : tf.add(nextSquares, 1e-3);
    const next = tf.add(tf.mul(m!, 0.5), tf.div(tf.mul(gradient, rate), tf.sqrt(spread)));
    return { w: tf.sub(w, next), squares: nextSquares, means: nextMeans, m: next };
  },
});

const rules: Readonly<Record<string, Rule>> = {
  sgd: {
    make: () => tf.train.sgd(rate),
    state: [],
    step: (w, gradient) => ({ w: tf.sub(w, tf.mul(gradient, rate)) }),
  },
  momentum: momentumRule(false),
  nesterov: momentumRule(true),
  rmsprop: rmsRule(false),
  "rmsprop, centered": rmsRule(true),
  adagrad: {
    make: () => tf.train.adagrad(rate, 0.1),
    state: ["squares"],
    initial: 0.1,
    step: (w, gradient, { squares }) => {
      const next = tf.add(squares!, tf.square(gradient));
      return { w: tf.sub(w, tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(next, 1e-7)))), squares: next };
    },
  },
  adadelta: {
    make: () => tf.train.adadelta(rate, 0.9, 1e-3),
    state: ["squares", "updates"],
    step: (w, gradient, { squares, updates }) => {
      const nextSquares = blend(squares!, 0.9, tf.square(gradient));
      const scale = tf.div(tf.sqrt(tf.add(updates!, 1e-3)), tf.sqrt(tf.add(squares!, 1e-3)));
      const change = tf.mul(scale, gradient);
      return {
        w: tf.sub(w, tf.mul(change, rate)),
        squares: nextSquares,
        updates: blend(updates!, 0.9, tf.square(change)),
      };
    },
  },
  adam: {
    make: () => tf.train.adam(rate, 0.8, 0.95, 1e-4),
    state: ["m", "v", "beta1Power", "beta2Power"],
    step: (w, gradient, { m, v, beta1Power, beta2Power }) => {
      const [nextM, nextV] = [blend(m!, 0.8, gradient), blend(v!, 0.95, tf.square(gradient))];
      const [power1, power2] = [tf.mul(tf.add(beta1Power!, 1), 0.8), tf.mul(tf.add(beta2Power!, 1), 0.95)];
      const mHat = tf.div(nextM, tf.sub(1, power1));
      const vHat = tf.div(nextV, tf.sub(1, power2));
      const update = tf.div(mHat, tf.add(tf.sqrt(vHat), 1e-4));
      return {
        w: tf.sub(w, tf.mul(update, rate)),
        m: nextM,
        v: nextV,
        beta1Power: tf.sub(power1, 1),
        beta2Power: tf.sub(power2, 1),
      };
    },
  },
  adamax: {
    make: () => tf.train.adamax(rate, 0.8, 0.95, 1e-4),
    state: ["m", "largest", "beta1Power"],
    step: (w, gradient, { m, largest, beta1Power }) => {
      const next = blend(m!, 0.8, gradient);
      const nextLargest = tf.maximum(tf.mul(largest!, 0.95), tf.abs(gradient));
      const power = tf.mul(tf.add(beta1Power!, 1), 0.8);
      const update = tf.mul(tf.div(rate, tf.sub(1, power)), tf.div(next, tf.add(nextLargest, 1e-4)));
      return { w: tf.sub(w, update), m: next, largest: nextLargest, beta1Power: tf.sub(power, 1) };
    },
  },
};

const start = [0.5, -1, 2];
const lossOf = (w: tf.Tensor): tf.Scalar => tf.mean(tf.mul(tf.square(tf.sub(w, [1, 2, -1])), [1, 3, 0.5]));

/** tfjs's optimizers assign variables, which a graph cannot: their arithmetic goes into it instead. */
describe("optimizers", () => {
  test.each(Object.entries(rules))("%s steps as tfjs's own", async (_, rule) => {
    await tf.setBackend("cpu");
    const weights = tf.variable(tf.tensor1d(start));
    const optimizer = rule.make();
    const graph = compileFunction({
      inputs: [float("w", 3), ...rule.state.map((name) => float(name, 3))],
      run: ({ w, ...state }) => {
        const next = rule.step(w!, tf.grad(lossOf)(w!), state);
        return Object.fromEntries(Object.entries(next).map(([name, tensor]) => [`${name}'`, tensor]));
      },
    });
    const session = await createSession(graph, { threadCount: 1 });
    let state: Record<string, Float32Array> = {
      w: Float32Array.from(start),
      ...Object.fromEntries(rule.state.map((name) => [name, new Float32Array(3).fill(rule.initial ?? 0)])),
    };
    for (let step = 0; step < 6; step++) {
      optimizer.minimize(() => lossOf(weights));
      const next = await session.run(state);
      state = Object.fromEntries(
        Object.keys(state).map((name) => [name, Float32Array.from(next[`${name}'`]!)]),
      );
      const expected = Array.from(weights.dataSync());
      expected.forEach((value, index) => expect(state["w"]![index]).toBeCloseTo(value, 5));
    }
    await session.dispose();
  });
});
