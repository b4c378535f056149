import { DomainError } from "@crossread/contracts/errors";
import { auc } from "@crossread/metrics/auc";
import { createRandom } from "@crossread/metrics/random";
import { augment } from "./augment.ts";
import { createBalancedSampler } from "./balanced-sampler.ts";
import type { ModelConfig } from "./config.ts";
import type { Engine, OptimizerConfig, Trainer } from "./engine.ts";
import { assertExamples, type Example } from "./example.ts";
import { crossEntropyOf } from "./loss.ts";
import { normaliseInto, type Normalisation } from "./normalisation.ts";
import type { ModelParameters } from "./parameter-table.ts";

export interface LocalPlan {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly isAugmented: boolean;
  /** Epochs without a lower tuning loss before training stops; the best epoch's parameters are then returned. */
  readonly earlyStoppingPatience?: number;
  readonly proximalMu?: number;
  readonly clipNorm?: number;
  readonly labelSmoothing?: number;
  /** Default: as many as draw each example once on average. */
  readonly stepsPerEpoch?: number;
}

export interface EpochSummary {
  readonly epoch: number;
  /** Mean over the epoch's steps. */
  readonly trainLoss: number;
  /** Null where there is no tuning example. */
  readonly tuningLoss: number | null;
  /** Null where the tuning examples lack a class. */
  readonly tuningAuc: number | null;
  /** Mean over the epoch's steps. */
  readonly gradientNorm: number;
}

export interface TrainingProgress {
  /** Epochs completed. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps completed, over all epochs. */
  readonly step: number;
  readonly steps: number;
  /** Loss of the step just taken. */
  readonly loss: number;
  readonly history: readonly EpochSummary[];
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
}

export interface TrainLocalResult {
  readonly parameters: ModelParameters;
  /** Training examples, the weight of this update in an average. */
  readonly exampleCount: number;
  readonly stepCount: number;
  readonly history: readonly EpochSummary[];
  /** Epoch whose parameters are returned. */
  readonly selectedEpoch: number;
  readonly stoppedEarly: boolean;
}

/**
 * Trains on one site's cohort: balanced sampling with replacement, augmentation, Adam, early stopping on the tuning loss.
 *
 * @returns the last epoch's parameters, or with early stopping those of the epoch with the lowest tuning loss
 * @throws {DomainError} "one-class-cohort", "plan-invalid", "image-unreadable" before the first step; "training-failed"
 *   when loss or gradient stop being finite; "run-cancelled" when the signal aborts
 * @remarks The same seed, engine and thread count give the same parameters bit for bit.
 * @source paper, sections 2.1.4 and 3.2.1
 */
export async function trainLocal(options: TrainLocalOptions): Promise<TrainLocalResult> {
  assertPlan(options);
  const { config, engine, plan, start } = options;
  const trainer = await engine.createTrainer({
    config,
    parameters: start,
    optimizer: optimizerOf(plan),
    batchSize: plan.batchSize,
  });
  try {
    return await runEpochs(trainer, options);
  } finally {
    await trainer.dispose();
  }
}

async function runEpochs(trainer: Trainer, options: TrainLocalOptions): Promise<TrainLocalResult> {
  const { plan, train, tuning } = options;
  const random = createRandom(options.seed);
  const sampler = createBalancedSampler(
    train.map((example) => example.label),
    random.fork("sampler"),
  );
  const stepsPerEpoch = plan.stepsPerEpoch ?? Math.ceil(train.length / plan.batchSize);
  const steps = stepsPerEpoch * plan.epochs;
  const history: EpochSummary[] = [];
  let step = 0;
  let best: { epoch: number; loss: number; parameters: ModelParameters } | undefined;
  let stoppedEarly = false;

  for (let epoch = 1; epoch <= plan.epochs && !stoppedEarly; epoch++) {
    let lossSum = 0;
    let normSum = 0;
    for (let index = 0; index < stepsPerEpoch; index++) {
      assertNotCancelled(options.signal);
      const drawn = sampler.draw(plan.batchSize).map((position) => train[position]!);
      const images = buildBatch(drawn, options, (slot) => random.fork(`augment/${step}/${slot}`));
      const { gradientNorm, loss } = await trainer.step({
        images,
        labels: drawn.map((example) => example.label),
      });
      step += 1;
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new DomainError(
          "training-failed",
          `Training needs a finite loss and gradient, got loss ${loss} and gradient norm ${gradientNorm} at step ${step}.`,
          { details: { step, epoch } },
        );
      }
      lossSum += loss;
      normSum += gradientNorm;
      options.onProgress?.({ epoch: epoch - 1, epochs: plan.epochs, step, steps, loss, history });
    }

    const tuned = tuning.length === 0 ? undefined : await evaluateTuning(trainer, options);
    history.push({
      epoch,
      trainLoss: lossSum / stepsPerEpoch,
      tuningLoss: tuned?.loss ?? null,
      tuningAuc: tuned?.auc ?? null,
      gradientNorm: normSum / stepsPerEpoch,
    });
    if (plan.earlyStoppingPatience !== undefined && tuned !== undefined) {
      if (best === undefined || tuned.loss < best.loss) {
        best = { epoch, loss: tuned.loss, parameters: trainer.parameters() };
      }
      stoppedEarly = epoch < plan.epochs && epoch - best.epoch >= plan.earlyStoppingPatience;
    }
    const loss = lossSum / stepsPerEpoch;
    options.onProgress?.({ epoch, epochs: plan.epochs, step, steps, loss, history: [...history] });
  }
  return {
    parameters: best?.parameters ?? trainer.parameters(),
    exampleCount: train.length,
    stepCount: step,
    history,
    selectedEpoch: best?.epoch ?? history.length,
    stoppedEarly,
  };
}

function buildBatch(
  drawn: readonly Example[],
  options: TrainLocalOptions,
  randomOf: (slot: number) => ReturnType<typeof createRandom>,
): Float32Array {
  const size = options.config.imageSize;
  const images = new Float32Array(drawn.length * size * size);
  drawn.forEach((example, slot) => {
    const pixels = options.plan.isAugmented ? augment(example.pixels, size, randomOf(slot)) : example.pixels;
    const target = images.subarray(slot * size * size, (slot + 1) * size * size);
    normaliseInto(target, pixels, options.normalisation);
  });
  return images;
}

async function evaluateTuning(
  trainer: Trainer,
  options: TrainLocalOptions,
): Promise<{ loss: number; auc: number | null }> {
  const { config, normalisation, plan, tuning } = options;
  const pixelCount = config.imageSize * config.imageSize;
  const labels: number[] = [];
  const scores: number[] = [];
  let lossSum = 0;
  for (let first = 0; first < tuning.length; first += plan.batchSize) {
    assertNotCancelled(options.signal);
    const part = tuning.slice(first, first + plan.batchSize);
    const images = new Float32Array(part.length * pixelCount);
    part.forEach((example, slot) => {
      normaliseInto(
        images.subarray(slot * pixelCount, (slot + 1) * pixelCount),
        example.pixels,
        normalisation,
      );
    });
    const result = await trainer.evaluate({ images, count: part.length });
    const partLabels = part.map((example) => example.label);
    lossSum += crossEntropyOf(result.logits, partLabels, config.classCount) * part.length;
    labels.push(...partLabels);
    scores.push(...result.scores);
  }
  const loss = lossSum / tuning.length;
  if (!Number.isFinite(loss)) {
    throw new DomainError("training-failed", `Training needs a finite tuning loss, got ${loss}.`);
  }
  const diseased = scores.filter((_, index) => labels[index] === 1);
  const nonDiseased = scores.filter((_, index) => labels[index] === 0);
  const isRanked = diseased.length > 0 && nonDiseased.length > 0;
  return { loss, auc: isRanked ? auc(diseased, nonDiseased) : null };
}

function assertPlan(options: TrainLocalOptions): void {
  const { config, plan, train, tuning } = options;
  const refuse = (rule: string): never => {
    throw new DomainError("plan-invalid", rule);
  };
  if (!Number.isInteger(plan.epochs) || plan.epochs < 1)
    refuse(`Epochs must be an integer ≥ 1, got ${plan.epochs}.`);
  if (!Number.isInteger(plan.batchSize) || plan.batchSize < 2) {
    refuse(`Batch size must be an integer ≥ 2, got ${plan.batchSize}.`);
  }
  if (!(plan.learningRate > 0 && plan.learningRate <= 1)) {
    refuse(`Learning rate must lie in (0, 1], got ${plan.learningRate}.`);
  }
  if (
    plan.stepsPerEpoch !== undefined &&
    !(Number.isInteger(plan.stepsPerEpoch) && plan.stepsPerEpoch >= 1)
  ) {
    refuse(`Steps per epoch must be an integer ≥ 1, got ${plan.stepsPerEpoch}.`);
  }
  if (plan.earlyStoppingPatience !== undefined && tuning.length === 0) {
    refuse("Early stopping needs at least one tuning example, got 0.");
  }
  const positives = train.filter((example) => example.label === 1).length;
  if (positives === 0 || positives === train.length) {
    throw new DomainError(
      "one-class-cohort",
      `Training needs benign and malignant examples, got ${train.length - positives} benign and ${positives} malignant.`,
      { details: { benign: train.length - positives, malignant: positives } },
    );
  }
  assertExamples(train, config);
  assertExamples(tuning, config);
}

function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new DomainError("run-cancelled", "Training was cancelled.", { cause: signal.reason });
  }
}

const optimizerOf = (plan: LocalPlan): OptimizerConfig => ({
  learningRate: plan.learningRate,
  ...(plan.proximalMu !== undefined && plan.proximalMu > 0 && { proximalMu: plan.proximalMu }),
  ...(plan.clipNorm !== undefined && { clipNorm: plan.clipNorm }),
  ...(plan.labelSmoothing !== undefined && { labelSmoothing: plan.labelSmoothing }),
});
