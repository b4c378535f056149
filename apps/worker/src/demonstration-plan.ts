import type { TrainingPlan } from "@crossread/contracts/training-plan";

/** Sizes of the demonstration: on two cores it generates, trains, validates and explains within six minutes. */
export interface DemonstrationPlan {
  readonly siteCodes: readonly string[];
  readonly casesPerSite: number;
  readonly seed: number;
  readonly difficulty: number;
  readonly malignantFraction: number;
  readonly benignFraction: number;
  readonly frame: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly pixelSizeMm: number;
  } | null;
  readonly fractions: { readonly train: number; readonly tuning: number; readonly "internal-test": number };
  readonly training: TrainingPlan;
  readonly readerCaseLimit: number;
}

export const demonstrationPlan: DemonstrationPlan = {
  siteCodes: ["north", "east", "south"],
  casesPerSite: 60,
  seed: 42,
  difficulty: 0,
  malignantFraction: 0.6,
  benignFraction: 0.15,
  frame: null,
  fractions: { train: 0.55, tuning: 0.15, "internal-test": 0.3 },
  training: {
    architecture: "compact-cbam",
    strategy: "fedavg",
    rounds: 5,
    localEpochs: 4,
    batchSize: 16,
    learningRate: 0.004,
    proximalMu: 0,
    seed: 42,
    quorum: 2,
    roundDeadlineMinutes: 30,
    isAugmented: true,
  },
  readerCaseLimit: 12,
};
