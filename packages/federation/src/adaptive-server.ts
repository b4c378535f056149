/** Reddi et al., ICLR (2021), Algorithm 2: what FedAdam and FedYogi share. */
import { z } from "zod";
import { averaged, weightedMean } from "./weighted-mean.ts";
import type { AggregationInput, AggregationOutput } from "./strategy.ts";

export const adaptiveServerSchema = z.strictObject({
  /** η */
  serverLearningRate: z.number().positive().default(0.01),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.99),
  /** τ, the degree of adaptivity: a coordinate's step is at most η·m/τ. */
  tau: z.number().positive().default(0.001),
});
export type AdaptiveServerParameters = z.infer<typeof adaptiveServerSchema>;

/**
 * One step of an adaptive server optimizer.
 *
 * m ← β₁m + (1−β₁)Δ,  v ← nextSecondMoment(v, Δ²),  w ← w + η·m/(√v + τ),  Δ = mean − base; m₀ = 0, v₀ = τ²
 *
 * @param nextSecondMoment - the line in which the optimizers differ
 * @returns new weights, averaged statistics and the moments as state
 * @source Reddi et al., ICLR (2021), Algorithm 2; no bias correction, as there
 */
export function adaptiveServerStep(
  { base, updates, state }: AggregationInput,
  { serverLearningRate, beta1, tau }: AdaptiveServerParameters,
  nextSecondMoment: (v: number, square: number) => number,
): AggregationOutput {
  const mean = weightedMean(updates, "weights");
  const firstMoment = new Float64Array(mean.length);
  const secondMoment = new Float64Array(mean.length);
  const weights = new Float32Array(mean.length);
  for (let index = 0; index < mean.length; index++) {
    const start = base.weights[index]!;
    const delta = mean[index]! - start;
    firstMoment[index] = beta1 * (state["firstMoment"]?.[index] ?? 0) + (1 - beta1) * delta;
    secondMoment[index] = nextSecondMoment(state["secondMoment"]?.[index] ?? tau * tau, delta * delta);
    weights[index] =
      start + (serverLearningRate * firstMoment[index]!) / (Math.sqrt(secondMoment[index]!) + tau);
  }
  return { weights, statistics: averaged(updates, "statistics"), state: { firstMoment, secondMoment } };
}
