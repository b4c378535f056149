import type { TrainingPlan } from "@crossread/contracts/training-plan";
import { configureStrategy } from "@crossread/federation/strategies";
import type { Strategy } from "@crossread/federation/strategy";

/** The plan's strategy with the parameters that a plan can set; the others keep their published defaults. */
export const planStrategy = (plan: TrainingPlan): Strategy =>
  configureStrategy(plan.strategy, plan.strategy === "fedprox" ? { mu: plan.proximalMu } : {});
