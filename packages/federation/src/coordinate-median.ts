import { z } from "zod";
import { coordinateTrimmedMean } from "./trimmed-mean.ts";
import { defineStrategy } from "./strategy.ts";

/** Yin et al., ICML (2018), definition 1: the median is the mean trimmed to its one or two middle values. */
export const coordinateMedian = defineStrategy({
  name: "median",
  parametersSchema: z.strictObject({}),
  aggregate: ({ updates, state }) => {
    const trimCount = (updates.length - 1) >> 1;
    return {
      weights: coordinateTrimmedMean(updates, "weights", trimCount),
      statistics: coordinateTrimmedMean(updates, "statistics", trimCount),
      state,
    };
  },
});
