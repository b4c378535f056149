import { z } from "zod";
import { averaged, weightedMean } from "./weighted-mean.ts";
import { defineStrategy } from "./strategy.ts";

/** Hsu et al., arXiv:1909.06335: v ← βv + Δ, w ← w + ηv, Δ = mean − base. */
export const fedAvgM = defineStrategy({
  name: "fedavgm",
  parametersSchema: z.strictObject({
    serverLearningRate: z.number().positive().default(1),
    momentum: z.number().min(0).lt(1).default(0.9),
  }),
  aggregate: ({ base, updates, state }, { serverLearningRate, momentum }) => {
    const mean = weightedMean(updates, "weights");
    const velocity = new Float64Array(mean.length);
    const weights = new Float32Array(mean.length);
    const before = state["velocity"];
    for (let index = 0; index < mean.length; index++) {
      const start = base.weights[index]!;
      velocity[index] = momentum * (before?.[index] ?? 0) + (mean[index]! - start);
      weights[index] = start + serverLearningRate * velocity[index]!;
    }
    return { weights, statistics: averaged(updates, "statistics"), state: { velocity } };
  },
});
