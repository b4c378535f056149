import { z } from "zod";
import { averaged } from "./weighted-mean.ts";
import { defineStrategy, type AggregationInput, type AggregationOutput } from "./strategy.ts";

/** McMahan et al., AISTATS (2017): the mean of the sites' weights, by example count. */
export function federatedAverage({ updates, state }: AggregationInput): AggregationOutput {
  return { weights: averaged(updates, "weights"), statistics: averaged(updates, "statistics"), state };
}

export const fedAvg = defineStrategy({
  name: "fedavg",
  parametersSchema: z.strictObject({}),
  aggregate: federatedAverage,
});
