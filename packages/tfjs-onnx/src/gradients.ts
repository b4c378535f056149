/**
 * Side effects: registers every tfjs gradient and chained operator in the tfjs-core that the application imports, and
 * over them the gradients that tfjs lacks or has wrong. All of these are composed of tfjs operators, so they hold on
 * every backend.
 */
import "./generated/tfjs-gradients.js";
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import { registerGradient } from "@tensorflow/tfjs-core";
import { correctedGradients } from "./corrected-gradients/corrected-gradients.ts";

for (const [kernelName, config] of Object.entries(correctedGradients)) {
  registerGradient({ kernelName, ...config });
}
