import { Command } from "commander";

type Register = (program: Command) => void;

/** In the order of the help; a command's modules are loaded when it is the one that runs. */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
  doctor: async () => (await import("./commands/doctor.ts")).registerDoctor,
  import: async () => (await import("./commands/import.ts")).registerImport,
  phantom: async () => (await import("./commands/phantom.ts")).registerPhantom,
  leaks: async () => (await import("./commands/leaks.ts")).registerLeaks,
  weights: async () => (await import("./commands/weights.ts")).registerWeights,
  predict: async () => (await import("./commands/predict.ts")).registerPredict,
  architectures: async () => (await import("./commands/architectures.ts")).registerArchitectures,
  train: async () => (await import("./commands/train.ts")).registerTrain,
  federate: async () => (await import("./commands/federate.ts")).registerFederate,
  "saliency-check": async () => (await import("./commands/saliency-check.ts")).registerSaliencyCheck,
  metrics: async () => (await import("./commands/metrics.ts")).registerMetrics,
  aggregate: async () => (await import("./commands/aggregate.ts")).registerAggregate,
  send: async () => (await import("./commands/send.ts")).registerSend,
  deidentify: async () => (await import("./commands/deidentify.ts")).registerDeidentify,
  "verify-receipt": async () => (await import("./commands/verify-receipt.ts")).registerVerifyReceipt,
  verify: async () => (await import("./commands/verify.ts")).registerVerify,
  bench: async () => (await import("./commands/bench.ts")).registerBench,
};

/** The program with the command that was asked for, or with all of them where help or a correction is due. */
export async function createProgram(commandName: string | undefined): Promise<Command> {
  const program = new Command("crossread")
    .description("Federated multi-site annotation and validation of mammography AI, headless, on files.")
    .version("0.1.0")
    .showHelpAfterError("Run with --help for the options.")
    .exitOverride();
  const asked = Object.entries(commands).filter(([name]) => name === commandName);
  for (const [, load] of asked.length > 0 ? asked : Object.entries(commands)) (await load())(program);
  for (const command of program.commands) inheritSettings(command);
  return program;
}

/** Sub-commands made with `.command()` copy the settings; exitOverride reaches one level only. */
function inheritSettings(command: Command): void {
  command.exitOverride().showHelpAfterError("Run with --help for the options.");
  for (const child of command.commands) inheritSettings(child);
}
