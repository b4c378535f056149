import { adaptiveServerSchema, adaptiveServerStep } from "./adaptive-server.ts";
import { defineStrategy } from "./strategy.ts";

/** v ← v − (1−β₂)·Δ²·sign(v − Δ²) */
export const fedYogi = defineStrategy({
  name: "fedyogi",
  parametersSchema: adaptiveServerSchema,
  aggregate: (input, parameters) =>
    adaptiveServerStep(
      input,
      parameters,
      (v, square) => v - (1 - parameters.beta2) * square * Math.sign(v - square),
    ),
});
