import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { architectureHelp } from "../architecture-option.ts";
import { parseInteger } from "../arguments.ts";
import { benchInfer } from "../bench/bench-infer.ts";
import { benchTrain } from "../bench/bench-train.ts";
import { describeComparison, type Comparison } from "../bench/comparison.ts";
import { describeMachine, machineText } from "../bench/machine.ts";
import type { BenchSettings } from "../bench/settings.ts";
import { printProgress, printResult } from "../output.ts";

interface BenchOptions {
  readonly architecture: string;
  readonly engine: string;
  readonly threads: number;
  readonly repeat: number;
  readonly json?: boolean;
}

const benches: Readonly<Record<string, (settings: BenchSettings) => Promise<Comparison[]>>> = {
  infer: benchInfer,
  train: benchTrain,
};
const engines = ["onnx", "onnx-cuda", "onnx-webgpu"];

export function registerBench(program: Command): void {
  const names = Object.keys(benches);
  program
    .command("bench")
    .description("Speed and memory as ratios to the baselines that this machine has, measured in turn.")
    .argument("[WHAT]", `${names.join(", ")}; all of them where left out`)
    .option("--threads <N>", "threads of each side", parseInteger({ minimum: 1, maximum: 256 }), 2)
    .option("--engine <NAME>", engines.join(", "), "onnx")
    .option("--architecture <NAME>", architectureHelp, "efficientnet-b0-cbam")
    .option("--repeat <N>", "rounds of blocks in turn", parseInteger({ minimum: 1, maximum: 1000 }), 5)
    .option("--json", "print one JSON object")
    .action(async (what: string | undefined, options: BenchOptions) => {
      const chosen = what === undefined ? names : [what];
      const unknown = chosen.find((name) => !Object.hasOwn(benches, name));
      if (unknown !== undefined) {
        throw new DomainError("usage", `bench takes ${names.join(", ")}, got "${unknown}".`);
      }
      if (!engines.includes(options.engine)) {
        throw new DomainError("usage", `--engine takes ${engines.join(", ")}, got "${options.engine}".`);
      }
      const machine = await describeMachine();
      printProgress(machineText(machine));
      const settings: BenchSettings = {
        architecture: options.architecture,
        engine: options.engine,
        threads: options.threads,
        device: options.engine === "onnx-cuda" ? "cuda" : "cpu",
        rounds: options.repeat,
        onProgress: printProgress,
      };
      const comparisons: Comparison[] = [];
      for (const name of chosen) comparisons.push(...((await benches[name]?.(settings)) ?? []));
      printResult(
        options,
        { machine, comparisons },
        [machineText(machine), ...comparisons.map(describeComparison)].join("\n\n"),
      );
    });
}
