import { DomainError } from "@crossread/contracts/errors";
import type * as tf from "@tensorflow/tfjs-core";
import type { ModelConfig } from "./config.ts";
import type {
  Engine,
  OptimizerState,
  PredictRequest,
  PredictResult,
  Predictor,
  PredictorOptions,
  SaliencyLayer,
  Trainer,
  TrainerOptions,
  TrainingBatch,
  TrainingStep,
} from "./engine.ts";
import { oneHotOf } from "./loss.ts";
import { copyParameters, parameterTable, type ModelParameters } from "./parameter-table.ts";
import { evaluateProgram, predictProgram, saliencyProgram, saliencySize, type Program } from "./program.ts";
import { adamSchedule, trainProgram } from "./train-step.ts";

/** A program made ready to run on plain arrays. */
export interface RunnableProgram {
  run(inputs: Record<string, Float32Array>): Promise<Record<string, Float32Array>>;
  dispose(): Promise<void>;
}

/** What differs between engines: how a program runs, and how constant parameters become tensors. */
export interface ProgramRuntime {
  readonly name: string;
  prepare(program: Program): Promise<RunnableProgram>;
  /** Tensors for constant parameters; `tensors` is called while a program runs. */
  hold(config: ModelConfig, parameters: ModelParameters): HeldParameters;
}

export interface HeldParameters {
  tensors(): ReadonlyMap<string, tf.Tensor>;
  dispose(): void;
}

/** Index of the class whose softmax output is the score. */
const malignantIndex = 1;

/** Predictors and trainers over any runtime: batching, padding of the last batch, optimizer state. */
export function createProgramEngine(runtime: ProgramRuntime): Engine {
  return {
    name: runtime.name,
    createPredictor: (options) => createPredictor(runtime, options),
    createTrainer: (options) => createTrainer(runtime, options),
  };
}

async function createPredictor(runtime: ProgramRuntime, options: PredictorOptions): Promise<Predictor> {
  const { batchSize, config, parameters } = options;
  assertBatchSize(batchSize);
  assertParameters(config, parameters);
  const held = runtime.hold(config, parameters);
  const provide = () => held.tensors();
  const plain = once(() => runtime.prepare(predictProgram({ config, batchSize }, provide)));
  const withMaps = {
    cbam: once(() => runtime.prepare(saliencyProgram({ config, batchSize, layer: "cbam" }, provide))),
    "last-conv": once(() =>
      runtime.prepare(saliencyProgram({ config, batchSize, layer: "last-conv" }, provide)),
    ),
  } satisfies Record<SaliencyLayer, unknown>;
  return {
    predict: async (request) => {
      const { saliency } = request;
      const program = await (saliency === undefined ? plain : withMaps[saliency.layer]).get();
      const extra: Record<string, Float32Array> =
        saliency === undefined ? {} : { classWeights: oneHotOf([saliency.classIndex], config.classCount) };
      return predictInBatches({ config, batchSize, program, extra }, request);
    },
    dispose: async () => {
      for (const lazy of [plain, ...Object.values(withMaps)]) await (await lazy.peek())?.dispose();
      held.dispose();
    },
  };
}

async function createTrainer(runtime: ProgramRuntime, options: TrainerOptions): Promise<Trainer> {
  const { batchSize, config, freezing = {}, optimizer } = options;
  assertBatchSize(batchSize);
  assertParameters(config, options.parameters);
  const { trainableSize } = parameterTable(config);
  const program = await runtime.prepare(trainProgram({ config, batchSize, optimizer, freezing }));
  const evaluation = once(() => runtime.prepare(evaluateProgram({ config, batchSize })));
  const anchor = options.parameters.trainable.slice();
  let parameters = copyParameters(options.parameters);
  let state: OptimizerState = {
    step: 0,
    firstMoment: new Float32Array(trainableSize),
    secondMoment: new Float32Array(trainableSize),
  };

  const step = async (batch: TrainingBatch): Promise<TrainingStep> => {
    const pixelCount = batchSize * config.imageSize * config.imageSize;
    if (batch.images.length !== pixelCount || batch.labels.length !== batchSize) {
      throw new RangeError(
        `A training batch needs ${pixelCount} pixels and ${batchSize} labels, got ${batch.images.length} and ${batch.labels.length}.`,
      );
    }
    const { learningRate = optimizer.learningRate } = batch;
    const schedule = adamSchedule({ ...optimizer, learningRate }, state.step + 1);
    const outputs = await program.run({
      images: batch.images,
      targets: oneHotOf(batch.labels, config.classCount),
      trainable: parameters.trainable,
      statistics: parameters.statistics,
      firstMoment: state.firstMoment,
      secondMoment: state.secondMoment,
      stepSize: Float32Array.of(schedule.stepSize),
      secondMomentCorrection: Float32Array.of(schedule.secondMomentCorrection),
      ...((optimizer.proximalMu ?? 0) > 0 && { anchor }),
    });
    parameters = { trainable: outputs["nextTrainable"]!, statistics: outputs["nextStatistics"]! };
    state = {
      step: state.step + 1,
      firstMoment: outputs["nextFirstMoment"]!,
      secondMoment: outputs["nextSecondMoment"]!,
    };
    return {
      loss: outputs["loss"]![0]!,
      gradientNorm: outputs["gradientNorm"]![0]!,
      scores: columnOf(outputs["probabilities"]!, config.classCount, malignantIndex),
    };
  };

  return {
    step,
    evaluate: async (request) => {
      const extra = { trainable: parameters.trainable, statistics: parameters.statistics };
      return predictInBatches({ config, batchSize, program: await evaluation.get(), extra }, request);
    },
    parameters: () => copyParameters(parameters),
    optimizerState: () => ({
      step: state.step,
      firstMoment: state.firstMoment.slice(),
      secondMoment: state.secondMoment.slice(),
    }),
    restore: (saved) => {
      assertParameters(config, saved.parameters);
      parameters = copyParameters(saved.parameters);
      state = {
        step: saved.optimizer.step,
        firstMoment: saved.optimizer.firstMoment.slice(),
        secondMoment: saved.optimizer.secondMoment.slice(),
      };
    },
    dispose: async () => {
      await program.dispose();
      await (await evaluation.peek())?.dispose();
    },
  };
}

async function predictInBatches(
  target: {
    readonly config: ModelConfig;
    readonly batchSize: number;
    readonly program: RunnableProgram;
    readonly extra: Readonly<Record<string, Float32Array>>;
  },
  request: PredictRequest,
): Promise<PredictResult> {
  const { batchSize, config, extra, program } = target;
  const { count, images } = request;
  const pixelCount = config.imageSize * config.imageSize;
  if (images.length !== count * pixelCount) {
    throw new RangeError(`${count} images need ${count * pixelCount} pixels, got ${images.length}.`);
  }
  const side = saliencySize(config);
  const scores = new Float32Array(count);
  const logits = new Float32Array(count * config.classCount);
  const maps = request.saliency === undefined ? undefined : new Float32Array(count * side * side);
  for (let first = 0; first < count; first += batchSize) {
    const used = Math.min(batchSize, count - first);
    const slice = images.subarray(first * pixelCount, (first + used) * pixelCount);
    const outputs = await program.run({ ...extra, images: paddedTo(slice, batchSize * pixelCount) });
    const probabilities = outputs["probabilities"]!.subarray(0, used * config.classCount);
    scores.set(columnOf(probabilities, config.classCount, malignantIndex), first);
    logits.set(outputs["logits"]!.subarray(0, used * config.classCount), first * config.classCount);
    maps?.set(outputs["maps"]!.subarray(0, used * side * side), first * side * side);
  }
  return { scores, logits, ...(maps && { maps: { heightPx: side, widthPx: side, values: maps } }) };
}

function paddedTo(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const padded = new Float32Array(length);
  padded.set(values);
  return padded;
}

function columnOf(rows: Float32Array, width: number, column: number): Float32Array {
  return Float32Array.from({ length: rows.length / width }, (_, row) => rows[row * width + column]!);
}

function once<TValue>(make: () => Promise<TValue>) {
  let made: Promise<TValue> | undefined;
  return {
    get: (): Promise<TValue> => (made ??= make()),
    /** The value where it was asked for, without making it. */
    peek: async (): Promise<TValue | undefined> => made,
  };
}

function assertBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Batch size must be an integer ≥ 1, got ${batchSize}.`);
  }
}

function assertParameters(config: ModelConfig, parameters: ModelParameters): void {
  const { statisticsSize, trainableSize } = parameterTable(config);
  if (parameters.trainable.length !== trainableSize || parameters.statistics.length !== statisticsSize) {
    throw new DomainError(
      "weights-invalid",
      `${config.architecture} has ${trainableSize} trainable and ${statisticsSize} statistic numbers, got ${parameters.trainable.length} and ${parameters.statistics.length}.`,
    );
  }
}
