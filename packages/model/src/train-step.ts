import * as tf from "@tensorflow/tfjs-core";
import { batchNormTraining, type BatchStatistics } from "./batch-norm.ts";
import { depthwiseBatchNormTraining } from "./depthwise-batch-norm.ts";
import type { OptimizerConfig } from "./engine.ts";
import { forward } from "./forward.ts";
import { frozenTensors, type Freezing, type FrozenTensors } from "./freezing.ts";
import { gatedPointwise } from "./gated-pointwise.ts";
import { crossEntropy, smoothTargets } from "./loss.ts";
import { parameterTable, type Parameter } from "./parameter-table.ts";
import { pointwiseBatchNormTraining } from "./pointwise-batch-norm.ts";
import { imagesInput, statisticsOf, trainableOf, type Program, type ProgramOptions } from "./program.ts";
import { runningBatchNorm } from "./running-batch-norm.ts";
import {
  depthwiseThenBatchNorm,
  gateThenConvolve,
  joinFlat,
  namedTensor,
  pointwiseThenBatchNorm,
  splitFlat,
  type TensorScope,
} from "./tensor-scope.ts";

export interface TrainProgramOptions extends ProgramOptions {
  readonly optimizer: OptimizerConfig;
  /** No gradient of a frozen tensor is computed, and none of what lies before the first one that learns. */
  readonly freezing?: Freezing;
}

export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * One training step: forward and backward pass, running statistics, Adam; all state enters and leaves as flat vectors.
 *
 * images [B, S, S, 1], targets [B, K], trainable [P], statistics [Q], firstMoment [P], secondMoment [P],
 * stepSize [1], secondMomentCorrection [1] (see `adamSchedule`), with proximalMu also anchor [P]
 * → nextTrainable, nextStatistics, nextFirstMoment, nextSecondMoment, loss [1], gradientNorm [1], probabilities [B, K]
 */
export function trainProgram(options: TrainProgramOptions): Program {
  const { batchSize, config, optimizer } = options;
  const { parameters, statisticsSize, trainableSize } = parameterTable(config);
  const trainables = trainableOf(parameters);
  const statistics = statisticsOf(parameters);
  const frozen = frozenTensors(config, options.freezing);
  const proximalMu = optimizer.proximalMu ?? 0;
  const flat = (name: string, size: number) => ({ name, shape: [size] });
  return {
    inputs: [
      imagesInput(options),
      { name: "targets", shape: [batchSize, config.classCount] },
      flat("trainable", trainableSize),
      flat("statistics", statisticsSize),
      flat("firstMoment", trainableSize),
      flat("secondMoment", trainableSize),
      flat("stepSize", 1),
      flat("secondMomentCorrection", 1),
      ...(proximalMu > 0 ? [flat("anchor", trainableSize)] : []),
    ],
    run: (inputs) => {
      const trainable = inputs["trainable"] as tf.Tensor1D;
      const running = inputs["statistics"] as tf.Tensor1D;
      const pass = differentiate(options, frozen, {
        images: inputs["images"] as tf.Tensor4D,
        targets: inputs["targets"] as tf.Tensor2D,
        // split before differentiation: the gradient of a slice of the flat vector would be a padded copy of it
        trainable: byName(trainables, splitFlat(trainable, trainables)),
        running:
          frozen.batchNorms.size === 0 ? new Map() : byName(statistics, splitFlat(running, statistics)),
      });
      let loss: tf.Tensor = pass.loss;
      let gradient: tf.Tensor1D = gradientVector(trainables, pass.gradients);
      if (proximalMu > 0) {
        const drift = tf.sub(trainable, inputs["anchor"] as tf.Tensor1D);
        loss = tf.add(loss, tf.mul(tf.sum(tf.square(drift)), proximalMu / 2));
        gradient = tf.add(gradient, tf.mul(drift, proximalMu));
      }
      const norm = tf.reshape(tf.sqrt(tf.sum(tf.square(gradient))), [1]);
      if (optimizer.clipNorm !== undefined) {
        gradient = tf.mul(gradient, tf.minimum(1, tf.div(optimizer.clipNorm, tf.maximum(norm, 1e-12))));
      }
      return {
        ...adamStep(optimizer, {
          trainable,
          gradient,
          firstMoment: inputs["firstMoment"] as tf.Tensor1D,
          secondMoment: inputs["secondMoment"] as tf.Tensor1D,
          stepSize: inputs["stepSize"] as tf.Tensor1D,
          secondMomentCorrection: inputs["secondMomentCorrection"] as tf.Tensor1D,
        }),
        nextStatistics: nextStatistics(running, {
          statistics,
          batch: pass.batchStatistics,
          momentum: config.batchNormMomentum,
        }),
        loss: tf.reshape(loss, [1]),
        gradientNorm: norm,
        probabilities: tf.softmax(pass.logits),
      };
    },
  };
}

interface Pass {
  readonly loss: tf.Tensor;
  readonly logits: tf.Tensor2D;
  /** By name, of the tensors that learn. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  /** Mean and unbiased variance of every batch normalisation that is not frozen, by parameter name. */
  readonly batchStatistics: ReadonlyMap<string, tf.Tensor>;
}

function differentiate(
  options: TrainProgramOptions,
  frozen: FrozenTensors,
  data: {
    readonly images: tf.Tensor4D;
    readonly targets: tf.Tensor2D;
    readonly trainable: ReadonlyMap<string, tf.Tensor>;
    /** Running statistics by name; empty where no batch normalisation is frozen. */
    readonly running: ReadonlyMap<string, tf.Tensor>;
  },
): Pass {
  const { config, optimizer } = options;
  const kept: tf.Tensor[] = [];
  const batchStatistics = new Map<string, tf.Tensor>();
  let logits: tf.Tensor2D | undefined;
  const learning = [...data.trainable.keys()].filter((name) => !frozen.trainable.has(name));

  const lossOf = (...tensors: tf.Tensor[]): tf.Scalar => {
    const present = new Map(data.trainable);
    learning.forEach((name, index) => present.set(name, tensors[index]!));
    let isDifferentiated = false;
    const get = (name: string) => {
      isDifferentiated ||= !frozen.trainable.has(name);
      return namedTensor(present, name);
    };
    const keepStatistics = (statistics: BatchStatistics, name: string, count: number) => {
      const unbiased = unbiasedStatistics(statistics, count);
      kept.push(statistics.mean, statistics.variance, unbiased);
      batchStatistics.set(`${name}/mean`, statistics.mean);
      batchStatistics.set(`${name}/variance`, unbiased);
    };
    const scope: TensorScope = {
      config,
      get,
      pointwise: (x, name) => {
        const kernel = get(`${name}/kernel`) as tf.Tensor4D;
        const batchNormName = `${name}/batch-norm`;
        const widens = kernel.shape[3] >= 2 * kernel.shape[2];
        if (!widens || frozen.batchNorms.has(batchNormName)) return pointwiseThenBatchNorm(scope, x, name);
        const gamma = get(`${batchNormName}/gamma`) as tf.Tensor1D;
        const beta = get(`${batchNormName}/beta`) as tf.Tensor1D;
        const layer = { kernel, gamma, beta };
        const { statistics, value } = pointwiseBatchNormTraining(x, layer, config.batchNormEpsilon);
        keepStatistics(statistics, batchNormName, pixelCount(x));
        return value;
      },
      depthwise: (x, name, window) => {
        const batchNormName = `${name}/batch-norm`;
        if (frozen.batchNorms.has(batchNormName)) return depthwiseThenBatchNorm(scope, { x, window }, name);
        const kernel = get(`${name}/kernel`) as tf.Tensor4D;
        const gamma = get(`${batchNormName}/gamma`) as tf.Tensor1D;
        const beta = get(`${batchNormName}/beta`) as tf.Tensor1D;
        const layer = { kernel, gamma, beta, window };
        const { statistics, value } = depthwiseBatchNormTraining(x, layer, config.batchNormEpsilon);
        keepStatistics(statistics, batchNormName, pixelCount(value));
        return value;
      },
      gatedPointwise: (x, gate, name) => {
        const kernel = get(`${name}/kernel`) as tf.Tensor4D;
        const isWorthIt = x.shape[1] * x.shape[2] >= 2 * kernel.shape[3];
        return isWorthIt ? gatedPointwise(x, gate, kernel) : gateThenConvolve({ get }, { x, gate }, name);
      },
      batchNorm: (x, name) => {
        const gamma = get(`${name}/gamma`) as tf.Tensor1D;
        const beta = get(`${name}/beta`) as tf.Tensor1D;
        if (frozen.batchNorms.has(name)) {
          const mean = namedTensor(data.running, `${name}/mean`) as tf.Tensor1D;
          const variance = namedTensor(data.running, `${name}/variance`) as tf.Tensor1D;
          // one node where no gradient passes
          return isDifferentiated
            ? runningBatchNorm(x, { gamma, beta, mean, variance }, config.batchNormEpsilon)
            : tf.batchNorm4d(x, mean, variance, beta, gamma, config.batchNormEpsilon);
        }
        const { statistics, value } = batchNormTraining(x, gamma, beta, config.batchNormEpsilon);
        keepStatistics(statistics, name, pixelCount(x));
        return value;
      },
    };
    logits = tf.keep(forward(data.images, scope));
    kept.push(logits);
    return crossEntropy(logits, smoothTargets(data.targets, optimizer.labelSmoothing ?? 0));
  };

  const { grads, value } = tf.valueAndGrads(lossOf)(
    learning.map((name) => namedTensor(data.trainable, name)),
  );
  if (logits === undefined) throw new Error("The loss was not evaluated.");
  const pass: Pass = {
    loss: value,
    gradients: new Map(learning.map((name, index) => [name, grads[index]!])),
    // copies belong to the caller's tidy scope; what was kept across the gradient's own scope is released
    logits: tf.clone(logits),
    batchStatistics: new Map([...batchStatistics].map(([name, tensor]) => [name, tf.clone(tensor)])),
  };
  for (const tensor of kept) tensor.dispose();
  return pass;
}

const pixelCount = ({ shape: [batch, height, width] }: tf.Tensor4D): number => batch * height * width;

/** Running variances estimate the population: n/(n − 1) times the batch's, as in TensorFlow and PyTorch. */
const unbiasedStatistics = (statistics: BatchStatistics, count: number): tf.Tensor1D =>
  tf.keep(tf.mul(statistics.variance, count / Math.max(1, count - 1)));

const blendStatistics = (running: tf.Tensor1D, batch: tf.Tensor1D, momentum: number): tf.Tensor1D =>
  tf.add(tf.mul(running, momentum), tf.mul(batch, 1 - momentum));

/** The blend of all at once where all change; else only of those that do, the others bit for bit as they were. */
function nextStatistics(
  running: tf.Tensor1D,
  update: {
    readonly statistics: readonly Parameter[];
    readonly batch: ReadonlyMap<string, tf.Tensor>;
    readonly momentum: number;
  },
): tf.Tensor1D {
  const { batch, momentum, statistics } = update;
  if (batch.size === 0) return tf.clone(running);
  if (batch.size === statistics.length) {
    return blendStatistics(
      running,
      joinFlat(statistics.map(({ name }) => namedTensor(batch, name))),
      momentum,
    );
  }
  const present = splitFlat(running, statistics) as tf.Tensor1D[];
  return joinFlat(
    statistics.map(({ name }, index) => {
      const measured = batch.get(name) as tf.Tensor1D | undefined;
      return measured === undefined ? present[index]! : blendStatistics(present[index]!, measured, momentum);
    }),
  );
}

/** Flat gradient in the order of the table, 0 where a tensor is frozen: Adam then leaves it bit for bit as it is. */
function gradientVector(
  trainables: readonly Parameter[],
  gradients: ReadonlyMap<string, tf.Tensor>,
): tf.Tensor1D {
  const parts: tf.Tensor[] = [];
  let frozenSize = 0;
  const flush = () => {
    if (frozenSize > 0) parts.push(tf.zeros([frozenSize]));
    frozenSize = 0;
  };
  for (const { name, size } of trainables) {
    const gradient = gradients.get(name);
    if (gradient === undefined) {
      frozenSize += size;
      continue;
    }
    flush();
    parts.push(gradient);
  }
  flush();
  return joinFlat(parts);
}

const byName = (parameters: readonly Parameter[], tensors: readonly tf.Tensor[]): Map<string, tf.Tensor> =>
  new Map(parameters.map(({ name }, index) => [name, tensors[index]!]));

/**
 * m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  θ ← θ − stepSize · m / (√(v · correction) + ε)
 *
 * @source Kingma & Ba (2015), algorithm 1
 */
function adamStep(
  optimizer: OptimizerConfig,
  state: Record<
    "trainable" | "gradient" | "firstMoment" | "secondMoment" | "stepSize" | "secondMomentCorrection",
    tf.Tensor1D
  >,
): Record<"nextTrainable" | "nextFirstMoment" | "nextSecondMoment", tf.Tensor1D> {
  const { beta1, beta2, epsilon } = { ...adamDefaults, ...optimizer };
  const { gradient, secondMomentCorrection, stepSize, trainable } = state;
  const firstMoment = tf.add<tf.Tensor1D>(tf.mul(state.firstMoment, beta1), tf.mul(gradient, 1 - beta1));
  const secondMoment = tf.add<tf.Tensor1D>(
    tf.mul(state.secondMoment, beta2),
    tf.mul(tf.square(gradient), 1 - beta2),
  );
  const denominator = tf.add(tf.sqrt(tf.mul(secondMoment, secondMomentCorrection)), epsilon);
  const step = tf.mul(tf.div(firstMoment, denominator), stepSize);
  return {
    nextTrainable: tf.sub(trainable, step),
    nextFirstMoment: firstMoment,
    nextSecondMoment: secondMoment,
  };
}

/**
 * Bias corrections of step t (1 for the first): stepSize = η/(1 − β₁ᵗ), secondMomentCorrection = 1/(1 − β₂ᵗ).
 *
 * @source Kingma & Ba (2015), algorithm 1
 */
export function adamSchedule(
  optimizer: OptimizerConfig,
  step: number,
): { readonly stepSize: number; readonly secondMomentCorrection: number } {
  const { beta1, beta2 } = { ...adamDefaults, ...optimizer };
  return {
    stepSize: optimizer.learningRate / (1 - beta1 ** step),
    secondMomentCorrection: 1 / (1 - beta2 ** step),
  };
}
