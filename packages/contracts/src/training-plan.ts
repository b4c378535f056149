import { z } from "zod";

export const strategyNameSchema = z.enum([
  "fedavg",
  "fedprox",
  "fedavgm",
  "fedadam",
  "fedyogi",
  "trimmed-mean",
  "median",
  "krum",
]);
export type StrategyName = z.infer<typeof strategyNameSchema>;

/** Everything that decides the outcome of a federated run besides the cohort and the initial checkpoint. */
export const trainingPlanSchema = z.strictObject({
  architecture: z.enum(["efficientnet-b0-cbam", "compact-cbam"]),
  strategy: strategyNameSchema,
  rounds: z.int().min(1).max(200),
  localEpochs: z.int().min(1).max(50),
  batchSize: z.int().min(2).max(64),
  learningRate: z.number().positive().max(1),
  /** FedProx μ; 0 for every other strategy. */
  proximalMu: z.number().min(0).max(10),
  seed: z.int().min(0).max(2_147_483_647),
  /** Sites that must deliver for a round to count. */
  quorum: z.int().min(1),
  roundDeadlineMinutes: z.number().positive().max(10_080),
  isAugmented: z.boolean(),
});
export type TrainingPlan = z.infer<typeof trainingPlanSchema>;
