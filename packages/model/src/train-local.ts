import { DomainError, isDomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";
import type { Engine, Trainer } from "./engine.ts";
import type { Example } from "./example.ts";
import { assertTrainable, freezingIn, optimizerOf, type LocalPlan } from "./local-plan.ts";
import type { Normalisation } from "./normalisation.ts";
import { parameterTable, type ModelParameters } from "./parameter-table.ts";
import { createTimeLeft, type Clock, type TimeLeft } from "./time-left.ts";
import { createBatchSource } from "./training-batches.ts";
import { trainingFingerprint, type EpochSummary, type TrainingState } from "./training-state.ts";
import { evaluateTuning } from "./tuning-loss.ts";

export interface TrainingProgress {
  /** Epochs completed. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps completed, over all epochs. */
  readonly step: number;
  readonly steps: number;
  /** Loss of the step just taken; at an epoch's end its mean. */
  readonly loss: number;
  readonly history: readonly EpochSummary[];
  /** If it does not stop early; null without a clock. */
  readonly remainingMs: number | null;
}

/** Where and when a training puts down what it needs to go on after a kill. */
export interface StateSaving {
  /** Asked after every step and after every epoch's tuning; a cancelled training saves in any case. */
  readonly isDue: (position: { readonly step: number; readonly isEpochEnd: boolean }) => boolean;
  /** Must replace the previous state as a whole or not at all. */
  readonly save: (state: TrainingState) => Promise<void>;
}

export interface TrainLocalOptions {
  readonly engine: Engine;
  readonly config: ModelConfig;
  readonly start: ModelParameters;
  readonly train: readonly Example[];
  readonly tuning: readonly Example[];
  readonly normalisation: Normalisation;
  readonly plan: LocalPlan;
  readonly seed: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly signal?: AbortSignal;
  readonly saving?: StateSaving;
  /** A state that this same training saved. */
  readonly resumeFrom?: TrainingState;
  /** Only for the time left. */
  readonly clock?: Clock;
}

export interface TrainLocalResult {
  readonly parameters: ModelParameters;
  /** Training examples, the weight of this update in an average. */
  readonly exampleCount: number;
  readonly stepCount: number;
  readonly history: readonly EpochSummary[];
  /** Of every step. */
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  /** Epoch whose parameters are returned. */
  readonly selectedEpoch: number;
  readonly stoppedEarly: boolean;
}

/**
 * Trains on one site's cohort: balanced sampling with replacement, augmentation, Adam, early stopping on the tuning loss.
 *
 * @returns the last epoch's parameters, or with early stopping those of the epoch with the lowest tuning loss
 * @throws {DomainError} "one-class-cohort", "plan-invalid", "image-unreadable" before the first step; "conflict" for a
 *   state of another training; "training-failed" when loss or gradient stop being finite; "run-cancelled" when the
 *   signal aborts, after the state was saved
 * @remarks The same seed, engine and thread count give the same parameters bit for bit, resumed or not.
 * @source paper, sections 2.1.4 and 3.2.1
 */
export async function trainLocal(options: TrainLocalOptions): Promise<TrainLocalResult> {
  assertTrainable(options);
  const course = startCourse(options);
  try {
    return await runEpochs(course, options);
  } catch (error) {
    if (isDomainError(error) && error.code === "run-cancelled") await save(course, options);
    throw error;
  } finally {
    await course.trainer?.dispose();
  }
}

/** What changes while a training runs. */
interface Course {
  readonly fingerprint: string;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly timeLeft: TimeLeft | undefined;
  readonly history: EpochSummary[];
  readonly losses: number[];
  readonly gradientNorms: number[];
  completedEpochs: number;
  isStoppedEarly: boolean;
  best: { readonly epoch: number; readonly loss: number; readonly parameters: ModelParameters } | undefined;
  /** Made for what is frozen in one epoch, and made again when that changes. */
  trainer: Trainer | undefined;
  /** What the next trainer begins with, where that is not the start. */
  carried: Parameters<Trainer["restore"]>[0] | undefined;
}

function startCourse(options: TrainLocalOptions): Course {
  const { plan, resumeFrom, train } = options;
  const isResumable = options.saving !== undefined || resumeFrom !== undefined;
  const fingerprint = isResumable ? trainingFingerprint({ ...options, engineName: options.engine.name }) : "";
  if (resumeFrom !== undefined && resumeFrom.fingerprint !== fingerprint) {
    throw new DomainError(
      "conflict",
      "The saved training state belongs to a training with other images, options, seed, start or engine.",
    );
  }
  const stepsPerEpoch = plan.stepsPerEpoch ?? Math.ceil(train.length / plan.batchSize);
  const best = resumeFrom?.best ?? undefined;
  const bestParameters = resumeFrom?.bestParameters;
  return {
    fingerprint,
    stepsPerEpoch,
    steps: stepsPerEpoch * plan.epochs,
    timeLeft: options.clock === undefined ? undefined : createTimeLeft(options.clock),
    history: [...(resumeFrom?.history ?? [])],
    losses: [...(resumeFrom?.losses ?? [])],
    gradientNorms: [...(resumeFrom?.gradientNorms ?? [])],
    completedEpochs: resumeFrom?.completedEpochs ?? 0,
    isStoppedEarly: resumeFrom?.isStoppedEarly ?? false,
    best: best && bestParameters && { ...best, parameters: bestParameters },
    trainer: undefined,
    carried: resumeFrom && {
      parameters: resumeFrom.parameters,
      optimizer: {
        step: resumeFrom.optimizerStep,
        firstMoment: resumeFrom.firstMoment,
        secondMoment: resumeFrom.secondMoment,
      },
    },
  };
}

async function runEpochs(course: Course, options: TrainLocalOptions): Promise<TrainLocalResult> {
  const { plan, train } = options;
  const { steps, stepsPerEpoch } = course;
  const drawBatch = createBatchSource(options, { firstStep: course.losses.length, steps, stepsPerEpoch });
  while (course.completedEpochs < plan.epochs && !course.isStoppedEarly) {
    const epoch = course.completedEpochs + 1;
    const trainer = (course.trainer ??= await createTrainer(course, options));
    while (course.losses.length < epoch * course.stepsPerEpoch) {
      assertNotCancelled(options.signal);
      const batch = drawBatch();
      const { gradientNorm, loss } = await timed(course, "step", () => trainer.step(batch));
      course.losses.push(loss);
      course.gradientNorms.push(gradientNorm);
      const step = course.losses.length;
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new DomainError(
          "training-failed",
          `Training needs a finite loss and gradient, got loss ${loss} and gradient norm ${gradientNorm} at step ${step}.`,
          { details: { step, epoch } },
        );
      }
      report(course, options, loss);
      if (options.saving?.isDue({ step, isEpochEnd: false }) === true) await save(course, options);
    }
    await endEpoch(course, { options, trainer, epoch });
    if (options.saving?.isDue({ step: course.losses.length, isEpochEnd: true }) === true) {
      await save(course, options);
    }
    if (needsNewTrainer(plan, epoch)) await retireTrainer(course, options);
  }
  return {
    parameters: course.best?.parameters ?? (await lastParameters(course, options)),
    exampleCount: train.length,
    stepCount: course.losses.length,
    history: course.history,
    losses: course.losses,
    gradientNorms: course.gradientNorms,
    selectedEpoch: course.best?.epoch ?? course.history.length,
    stoppedEarly: course.isStoppedEarly,
  };
}

const needsNewTrainer = (plan: LocalPlan, completedEpochs: number): boolean =>
  completedEpochs === plan.headFirstEpochs && completedEpochs < plan.epochs;

/** The trainer starts from the plan's start, the anchor of a proximal term, and then takes over what came before it. */
async function createTrainer(course: Course, options: TrainLocalOptions): Promise<Trainer> {
  const { config, engine, plan, start } = options;
  const epoch = course.completedEpochs + 1;
  const trainer = await engine.createTrainer({
    config,
    parameters: start,
    optimizer: optimizerOf(plan),
    batchSize: plan.batchSize,
    freezing: freezingIn(plan, epoch),
  });
  const isJoining = course.losses.length === course.completedEpochs * course.stepsPerEpoch;
  if (course.carried !== undefined) {
    const isFresh = isJoining && needsNewTrainer(plan, course.completedEpochs);
    trainer.restore(isFresh ? { ...course.carried, optimizer: freshOptimizer(config) } : course.carried);
    course.carried = undefined;
  }
  return trainer;
}

const freshOptimizer = (config: ModelConfig) => {
  const { trainableSize } = parameterTable(config);
  return {
    step: 0,
    firstMoment: new Float32Array(trainableSize),
    secondMoment: new Float32Array(trainableSize),
  };
};

async function retireTrainer(course: Course, options: TrainLocalOptions): Promise<void> {
  const { trainer } = course;
  if (trainer === undefined) return;
  course.carried = { parameters: await trainer.parameters(), optimizer: freshOptimizer(options.config) };
  course.trainer = undefined;
  await trainer.dispose();
}

async function lastParameters(course: Course, options: TrainLocalOptions): Promise<ModelParameters> {
  return course.trainer?.parameters() ?? course.carried?.parameters ?? options.start;
}

async function endEpoch(
  course: Course,
  { epoch, options, trainer }: { options: TrainLocalOptions; trainer: Trainer; epoch: number },
): Promise<void> {
  const { plan, tuning } = options;
  const beforeBatch = () => assertNotCancelled(options.signal);
  const tuned =
    tuning.length === 0
      ? undefined
      : await timed(course, "tuning", () =>
          evaluateTuning(trainer, { ...options, batchSize: plan.batchSize, beforeBatch }),
        );
  const trainLoss = epochMean(course.losses, course.stepsPerEpoch);
  course.history.push({
    epoch,
    trainLoss,
    tuningLoss: tuned?.loss ?? null,
    tuningAuc: tuned?.auc ?? null,
    gradientNorm: epochMean(course.gradientNorms, course.stepsPerEpoch),
  });
  if (plan.earlyStoppingPatience !== undefined && tuned !== undefined) {
    if (course.best === undefined || tuned.loss < course.best.loss) {
      course.best = { epoch, loss: tuned.loss, parameters: await trainer.parameters() };
    }
    course.isStoppedEarly = epoch < plan.epochs && epoch - course.best.epoch >= plan.earlyStoppingPatience;
  }
  course.completedEpochs = epoch;
  report(course, options, trainLoss);
}

const epochMean = (values: readonly number[], stepsPerEpoch: number): number =>
  values.slice(-stepsPerEpoch).reduce((sum, value) => sum + value, 0) / stepsPerEpoch;

async function timed<TValue>(
  course: Course,
  kind: "step" | "tuning",
  work: () => Promise<TValue>,
): Promise<TValue> {
  return course.timeLeft === undefined ? work() : course.timeLeft.measure(kind, work);
}

function report(course: Course, options: TrainLocalOptions, loss: number): void {
  const { plan, tuning } = options;
  const step = course.losses.length;
  const left = course.isStoppedEarly
    ? { steps: 0, tunings: 0 }
    : {
        steps: course.steps - step,
        tunings: tuning.length === 0 ? 0 : plan.epochs - course.completedEpochs,
      };
  options.onProgress?.({
    epoch: course.completedEpochs,
    epochs: plan.epochs,
    step,
    steps: course.steps,
    loss,
    history: [...course.history],
    remainingMs: course.timeLeft?.estimate(left) ?? null,
  });
}

async function save(course: Course, options: TrainLocalOptions): Promise<void> {
  const { best, completedEpochs, fingerprint, gradientNorms, history, isStoppedEarly, losses } = course;
  const held = course.trainer && {
    parameters: await course.trainer.parameters(),
    optimizer: await course.trainer.optimizerState(),
  };
  const { optimizer, parameters } = held ??
    course.carried ?? { parameters: options.start, optimizer: freshOptimizer(options.config) };
  await options.saving?.save({
    fingerprint,
    completedEpochs,
    optimizerStep: optimizer.step,
    losses: [...losses],
    gradientNorms: [...gradientNorms],
    history: [...history],
    best: best === undefined ? null : { epoch: best.epoch, loss: best.loss },
    isStoppedEarly,
    parameters,
    firstMoment: optimizer.firstMoment,
    secondMoment: optimizer.secondMoment,
    ...(best && { bestParameters: best.parameters }),
  });
}

function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new DomainError("run-cancelled", "Training was cancelled.", { cause: signal.reason });
  }
}
