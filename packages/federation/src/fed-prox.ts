import { z } from "zod";
import { defineStrategy } from "./strategy.ts";
import { federatedAverage } from "./fed-avg.ts";

/** Li et al., MLSys (2020): FedAvg's mean; the proximal term acts in local training. */
export const fedProx = defineStrategy({
  name: "fedprox",
  parametersSchema: z.strictObject({ mu: z.number().nonnegative().default(0.01) }),
  proximalMu: ({ mu }) => mu,
  aggregate: federatedAverage,
});
