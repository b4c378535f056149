import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import type { Freezing } from "@crossread/model/freezing";
import type { LearningRateSchedule } from "@crossread/model/learning-rate";
import type { LocalPlan } from "@crossread/model/local-plan";
import { parseInteger, parseNumber } from "./arguments.ts";

/** Options of one training; the defaults are the paper's, section 3.2.1. */
export interface TrainingOptions {
  readonly epochs: number;
  readonly patience: number;
  readonly batchSize: number;
  readonly stepsPerEpoch?: number;
  readonly learningRate: number;
  readonly schedule: string;
  readonly scheduleFloor: number;
  readonly scheduleEpochs: number;
  readonly scheduleFactor: number;
  readonly warmUpSteps: number;
  readonly labelSmoothing: number;
  readonly freeze: string;
  readonly freezeBatchNorm?: boolean;
  readonly headFirstEpochs: number;
}

const share = parseNumber({ minimum: 0, maximum: 1 });

export function addTrainingOptions(command: Command): Command {
  return command
    .option("--epochs <E>", "epochs at most", parseInteger({ minimum: 1, maximum: 1000 }), 50)
    .option(
      "--patience <P>",
      "epochs without a lower tuning loss before stopping; the best epoch is kept; 0 trains to the end and keeps the last",
      parseInteger({ minimum: 0, maximum: 1000 }),
      10,
    )
    .option("--batch-size <B>", "images per step", parseInteger({ minimum: 2, maximum: 256 }), 16)
    .option(
      "--steps-per-epoch <N>",
      "default: as many as draw each image once on average",
      parseInteger({ minimum: 1, maximum: 100_000 }),
    )
    .option("--learning-rate <R>", "of Adam", parseNumber({ minimum: 1e-8, maximum: 1 }), 1e-5)
    .option("--schedule <NAME>", "of the learning rate: constant, cosine or step", "constant")
    .option("--schedule-floor <F>", "cosine: share of the rate that is left at the end", share, 0)
    .option(
      "--schedule-epochs <E>",
      "step: epochs between two decays",
      parseInteger({ minimum: 1, maximum: 1000 }),
      10,
    )
    .option(
      "--schedule-factor <F>",
      "step: what a decay multiplies with",
      parseNumber({ minimum: 1e-6, maximum: 1 }),
      0.1,
    )
    .option(
      "--warm-up-steps <N>",
      "steps over which the rate grows from 0",
      parseInteger({ minimum: 0, maximum: 1_000_000 }),
      0,
    )
    .option(
      "--label-smoothing <E>",
      "share of a label given to all classes alike",
      parseNumber({ minimum: 0, maximum: 0.9 }),
      0,
    )
    .option(
      "--freeze <PART>",
      "what keeps its weights: none, a number n (stem and the first n rows of blocks), backbone, or attention (all but the head)",
      "none",
    )
    .option("--freeze-batch-norm", "keep all running statistics and normalise by them")
    .option(
      "--head-first-epochs <E>",
      "epochs at first in which only attention and head learn",
      parseInteger({ minimum: 0, maximum: 1000 }),
      0,
    );
}

export function planOf(options: TrainingOptions): LocalPlan {
  const freezing = freezingOf(options);
  return {
    epochs: options.epochs,
    batchSize: options.batchSize,
    learningRate: options.learningRate,
    isAugmented: true,
    ...(options.patience > 0 && { earlyStoppingPatience: options.patience }),
    ...(options.stepsPerEpoch !== undefined && { stepsPerEpoch: options.stepsPerEpoch }),
    ...(options.labelSmoothing > 0 && { labelSmoothing: options.labelSmoothing }),
    ...(options.warmUpSteps > 0 && { warmUpSteps: options.warmUpSteps }),
    ...(options.headFirstEpochs > 0 && { headFirstEpochs: options.headFirstEpochs }),
    ...(Object.keys(freezing).length > 0 && { freezing }),
    schedule: scheduleOf(options),
  };
}

function scheduleOf(options: TrainingOptions): LearningRateSchedule {
  switch (options.schedule) {
    case "constant":
      return { kind: "constant" };
    case "cosine":
      return { kind: "cosine", floorShare: options.scheduleFloor };
    case "step":
      return { kind: "step", everyEpochs: options.scheduleEpochs, factor: options.scheduleFactor };
    default:
      throw new DomainError("usage", `--schedule takes constant, cosine or step, got "${options.schedule}".`);
  }
}

function freezingOf({ freeze, freezeBatchNorm }: TrainingOptions): Freezing {
  const statistics = freezeBatchNorm === true ? { isBatchNormFrozen: true } : {};
  if (freeze === "none") return statistics;
  if (freeze === "backbone" || freeze === "attention") return { through: freeze, ...statistics };
  if (/^\d+$/.test(freeze)) return { through: Number(freeze), ...statistics };
  throw new DomainError(
    "usage",
    `--freeze takes none, a number of rows, backbone or attention, got "${freeze}".`,
  );
}
