import { adaptiveServerSchema, adaptiveServerStep } from "./adaptive-server.ts";
import { defineStrategy } from "./strategy.ts";

/** v ← β₂v + (1−β₂)Δ² */
export const fedAdam = defineStrategy({
  name: "fedadam",
  parametersSchema: adaptiveServerSchema,
  aggregate: (input, parameters) =>
    adaptiveServerStep(
      input,
      parameters,
      (v, square) => parameters.beta2 * v + (1 - parameters.beta2) * square,
    ),
});
