import { Command } from "commander";
import { registerAggregate } from "./commands/aggregate.ts";
import { registerBench } from "./commands/bench.ts";
import { registerArchitectures } from "./commands/architectures.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerFederate } from "./commands/federate.ts";
import { registerImport } from "./commands/import.ts";
import { registerMetrics } from "./commands/metrics.ts";
import { registerPhantom } from "./commands/phantom.ts";
import { registerPredict } from "./commands/predict.ts";
import { registerSaliencyCheck } from "./commands/saliency-check.ts";
import { registerTrain } from "./commands/train.ts";
import { registerVerify } from "./commands/verify.ts";
import { registerWeights } from "./commands/weights.ts";

export function createProgram(): Command {
  const program = new Command("crossread")
    .description("Federated multi-site annotation and validation of mammography AI, headless, on files.")
    .version("0.1.0")
    .showHelpAfterError("Run with --help for the options.")
    .exitOverride();
  for (const register of [
    registerDoctor,
    registerImport,
    registerPhantom,
    registerWeights,
    registerPredict,
    registerArchitectures,
    registerTrain,
    registerFederate,
    registerSaliencyCheck,
    registerMetrics,
    registerAggregate,
    registerVerify,
    registerBench,
  ]) {
    register(program);
  }
  for (const command of program.commands) inheritSettings(command);
  return program;
}

/** Sub-commands made with `.command()` copy the settings; exitOverride reaches one level only. */
function inheritSettings(command: Command): void {
  command.exitOverride().showHelpAfterError("Run with --help for the options.");
  for (const child of command.commands) inheritSettings(child);
}
