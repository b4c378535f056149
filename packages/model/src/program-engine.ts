import { DomainError } from "@crossread/contracts/errors";
import type * as tf from "@tensorflow/tfjs-core";
import type { ModelConfig } from "./config.ts";
import type {
  Engine,
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
import { disposeValues, readValue, type ProgramOutputs, type ProgramValue } from "./program-value.ts";
import { evaluateProgram, predictProgram, saliencyProgram, saliencySize, type Program } from "./program.ts";
import { adamSchedule, trainProgram } from "./train-step.ts";

/** A program made ready to run. */
export interface RunnableProgram {
  run(inputs: Readonly<Record<string, ProgramValue>>): Promise<ProgramOutputs>;
  dispose(): Promise<void>;
}

/** What differs between engines: how a program runs, and how constant parameters become tensors. */
export interface ProgramRuntime {
  readonly name: string;
  /** `kept` names outputs that later runs take as inputs: they may stay where they were computed. */
  prepare(program: Program, kept?: readonly string[]): Promise<RunnableProgram>;
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
  const program = await runtime.prepare(
    trainProgram({ config, batchSize, optimizer, freezing }),
    Object.values(nextOf),
  );
  const evaluation = once(() => runtime.prepare(evaluateProgram({ config, batchSize })));
  const anchor = options.parameters.trainable.slice();
  let stepCount = 0;
  let state: TrainerState = {
    ...copyParameters(options.parameters),
    firstMoment: new Float32Array(trainableSize),
    secondMoment: new Float32Array(trainableSize),
  };
  const replaceState = (next: TrainerState): void => {
    disposeValues(Object.values(state));
    state = next;
  };
  const copyOf = async (name: keyof TrainerState) => (await readValue(state[name])).slice();

  const step = async (batch: TrainingBatch): Promise<TrainingStep> => {
    const pixelCount = batchSize * config.imageSize * config.imageSize;
    if (batch.images.length !== pixelCount || batch.labels.length !== batchSize) {
      throw new RangeError(
        `A training batch needs ${pixelCount} pixels and ${batchSize} labels, got ${batch.images.length} and ${batch.labels.length}.`,
      );
    }
    const { learningRate = optimizer.learningRate } = batch;
    const schedule = adamSchedule({ ...optimizer, learningRate }, stepCount + 1);
    const { arrays, kept } = await program.run({
      images: batch.images,
      targets: oneHotOf(batch.labels, config.classCount),
      ...state,
      stepSize: Float32Array.of(schedule.stepSize),
      secondMomentCorrection: Float32Array.of(schedule.secondMomentCorrection),
      ...((optimizer.proximalMu ?? 0) > 0 && { anchor }),
    });
    replaceState({
      trainable: kept[nextOf.trainable]!,
      statistics: kept[nextOf.statistics]!,
      firstMoment: kept[nextOf.firstMoment]!,
      secondMoment: kept[nextOf.secondMoment]!,
    });
    stepCount += 1;
    return {
      loss: arrays["loss"]![0]!,
      gradientNorm: arrays["gradientNorm"]![0]!,
      scores: columnOf(arrays["probabilities"]!, config.classCount, malignantIndex),
    };
  };

  return {
    step,
    evaluate: async (request) => {
      const extra = { trainable: state.trainable, statistics: state.statistics };
      return predictInBatches({ config, batchSize, program: await evaluation.get(), extra }, request);
    },
    parameters: async () => ({
      trainable: await copyOf("trainable"),
      statistics: await copyOf("statistics"),
    }),
    optimizerState: async () => ({
      step: stepCount,
      firstMoment: await copyOf("firstMoment"),
      secondMoment: await copyOf("secondMoment"),
    }),
    restore: ({ optimizer: saved, parameters }) => {
      assertParameters(config, parameters);
      stepCount = saved.step;
      replaceState({
        ...copyParameters(parameters),
        firstMoment: saved.firstMoment.slice(),
        secondMoment: saved.secondMoment.slice(),
      });
    },
    dispose: async () => {
      disposeValues(Object.values(state));
      await program.dispose();
      await (await evaluation.peek())?.dispose();
    },
  };
}

/** Inputs of the training program that a step replaces. */
type TrainerState = Readonly<
  Record<"trainable" | "statistics" | "firstMoment" | "secondMoment", ProgramValue>
>;

/** Output of the training program that is the state's next value. */
const nextOf: Readonly<Record<keyof TrainerState, string>> = {
  trainable: "nextTrainable",
  statistics: "nextStatistics",
  firstMoment: "nextFirstMoment",
  secondMoment: "nextSecondMoment",
};

async function predictInBatches(
  target: {
    readonly config: ModelConfig;
    readonly batchSize: number;
    readonly program: RunnableProgram;
    readonly extra: Readonly<Record<string, ProgramValue>>;
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
    const { arrays } = await program.run({ ...extra, images: paddedTo(slice, batchSize * pixelCount) });
    const probabilities = arrays["probabilities"]!.subarray(0, used * config.classCount);
    scores.set(columnOf(probabilities, config.classCount, malignantIndex), first);
    logits.set(arrays["logits"]!.subarray(0, used * config.classCount), first * config.classCount);
    maps?.set(arrays["maps"]!.subarray(0, used * side * side), first * side * side);
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
