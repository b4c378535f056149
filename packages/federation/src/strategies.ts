import { DomainError } from "@crossread/contracts/errors";
import { strategyNameSchema, type StrategyName } from "@crossread/contracts/training-plan";
import { z } from "zod";
import { coordinateMedian } from "./coordinate-median.ts";
import { fedAdam } from "./fed-adam.ts";
import { fedAvg } from "./fed-avg.ts";
import { fedAvgM } from "./fed-avg-m.ts";
import { fedProx } from "./fed-prox.ts";
import { fedYogi } from "./fed-yogi.ts";
import { krum } from "./krum.ts";
import { trimmedMean } from "./trimmed-mean.ts";
import type { Strategy, StrategyDefinition } from "./strategy.ts";

export const strategies: Readonly<Record<StrategyName, StrategyDefinition>> = {
  fedavg: fedAvg,
  fedprox: fedProx,
  fedavgm: fedAvgM,
  fedadam: fedAdam,
  fedyogi: fedYogi,
  "trimmed-mean": trimmedMean,
  median: coordinateMedian,
  krum,
};

/** A strategy from a plan's name and parameters; what the plan says wrongly is "plan-invalid". */
export function configureStrategy(name: string, parameters: unknown = {}): Strategy {
  const known = strategyNameSchema.safeParse(name);
  if (!known.success) {
    throw new DomainError(
      "plan-invalid",
      `A strategy is one of ${strategyNameSchema.options.join(", ")}, got "${name}".`,
    );
  }
  try {
    return strategies[known.data].configure(parameters);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issue = error.issues[0];
    const path = issue?.path.join(".") ?? "";
    throw new DomainError(
      "plan-invalid",
      `Parameters of strategy ${name} are wrong${path === "" ? "" : ` at ${path}`}: ${issue?.message ?? "unreadable"}.`,
      { cause: error },
    );
  }
}
