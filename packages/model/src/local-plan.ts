import { DomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";
import type { OptimizerConfig } from "./engine.ts";
import { assertExamples, type Example } from "./example.ts";
import { frozenTensors, type Freezing } from "./freezing.ts";
import type { LearningRatePlan } from "./learning-rate.ts";

/** How one cohort is trained on; what is left out is as in the paper, section 3.2.1. */
export interface LocalPlan extends LearningRatePlan {
  readonly epochs: number;
  readonly batchSize: number;
  readonly isAugmented: boolean;
  /** Epochs without a lower tuning loss before training stops; the best epoch's parameters are then returned. */
  readonly earlyStoppingPatience?: number;
  readonly proximalMu?: number;
  readonly clipNorm?: number;
  readonly labelSmoothing?: number;
  /** Default: as many as draw each example once on average. */
  readonly stepsPerEpoch?: number;
  /** What never learns; default: everything learns. */
  readonly freezing?: Freezing;
  /** Epochs at first in which only attention and head learn, before the rest joins with fresh Adam moments. */
  readonly headFirstEpochs?: number;
}

export const optimizerOf = (plan: LocalPlan): OptimizerConfig => ({
  learningRate: plan.learningRate,
  ...(plan.proximalMu !== undefined && plan.proximalMu > 0 && { proximalMu: plan.proximalMu }),
  ...(plan.clipNorm !== undefined && { clipNorm: plan.clipNorm }),
  ...(plan.labelSmoothing !== undefined && { labelSmoothing: plan.labelSmoothing }),
});

/** What is frozen in an epoch (1-based). */
export function freezingIn(plan: LocalPlan, epoch: number): Freezing {
  if (epoch > (plan.headFirstEpochs ?? 0)) return plan.freezing ?? {};
  return { ...plan.freezing, through: plan.freezing?.through === "attention" ? "attention" : "backbone" };
}

/**
 * @throws {DomainError} "plan-invalid", "one-class-cohort", "image-unreadable"
 */
export function assertTrainable(options: {
  readonly config: ModelConfig;
  readonly plan: LocalPlan;
  readonly train: readonly Example[];
  readonly tuning: readonly Example[];
}): void {
  const { config, plan, train, tuning } = options;
  assertPlan(plan, config);
  if (plan.earlyStoppingPatience !== undefined && tuning.length === 0) {
    throw new DomainError("plan-invalid", "Early stopping needs at least one tuning example, got 0.");
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

function assertPlan(plan: LocalPlan, config: ModelConfig): void {
  const { schedule = { kind: "constant" } } = plan;
  const isWhole = (value: number, minimum: number) => Number.isInteger(value) && value >= minimum;
  const isShare = (value: number) => value >= 0 && value <= 1;
  /** Rule, value, whether it holds. */
  const rules: readonly (readonly [string, number | undefined, (value: number) => boolean])[] = [
    ["Epochs must be an integer ≥ 1", plan.epochs, (value) => isWhole(value, 1)],
    ["Batch size must be an integer ≥ 2", plan.batchSize, (value) => isWhole(value, 2)],
    ["Learning rate must lie in (0, 1]", plan.learningRate, (value) => value > 0 && value <= 1],
    ["Steps per epoch must be an integer ≥ 1", plan.stepsPerEpoch, (value) => isWhole(value, 1)],
    ["Patience must be an integer ≥ 1", plan.earlyStoppingPatience, (value) => isWhole(value, 1)],
    ["Label smoothing must lie in [0, 1)", plan.labelSmoothing, (value) => value >= 0 && value < 1],
    ["The largest gradient norm must be above 0", plan.clipNorm, (value) => value > 0 && value < Infinity],
    ["The proximal weight must be ≥ 0", plan.proximalMu, (value) => value >= 0 && value < Infinity],
    ["Warm-up steps must be an integer ≥ 0", plan.warmUpSteps, (value) => isWhole(value, 0)],
    ["Epochs of the head alone must be an integer ≥ 0", plan.headFirstEpochs, (value) => isWhole(value, 0)],
    [
      "The cosine schedule's floor must lie in [0, 1]",
      schedule.kind === "cosine" ? schedule.floorShare : undefined,
      isShare,
    ],
    [
      "The step schedule's factor must lie in (0, 1]",
      schedule.kind === "step" ? schedule.factor : undefined,
      (value) => value > 0 && value <= 1,
    ],
    [
      "The step schedule's epochs must be an integer ≥ 1",
      schedule.kind === "step" ? schedule.everyEpochs : undefined,
      (value) => isWhole(value, 1),
    ],
  ];
  for (const [rule, value, holds] of rules) {
    if (value !== undefined && !holds(value)) throw new DomainError("plan-invalid", `${rule}, got ${value}.`);
  }
  frozenTensors(config, plan.freezing);
}
