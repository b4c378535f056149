import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { architectureHelp } from "../architecture-option.ts";
import { parseInteger, parseNumber } from "../arguments.ts";
import { benchAggregate } from "../bench/bench-aggregate.ts";
import { benchLeaks, describeLeaks, type LeakMeasurement } from "../bench/bench-leaks.ts";
import { benchInfer } from "../bench/bench-infer.ts";
import { benchIngest } from "../bench/bench-ingest.ts";
import {
  benchPlatformIngest,
  describePlatformIngest,
  type PlatformIngest,
} from "../bench/bench-platform-ingest.ts";
import { codingChoices } from "../bench/ingest-studies.ts";
import { benchPredict, describeThroughput, type Throughput } from "../bench/bench-predict.ts";
import { benchTrain } from "../bench/bench-train.ts";
import { describeComparison, type Comparison } from "../bench/comparison.ts";
import { describeMachine, machineText } from "../bench/machine.ts";
import type { BenchSettings } from "../bench/settings.ts";
import { readEnvironment } from "../env.ts";
import { printProgress, printResult } from "../output.ts";

interface BenchOptions {
  readonly architecture: string;
  readonly engine: string;
  readonly threads: number;
  readonly repeat: number;
  readonly data?: string;
  readonly to?: string;
  readonly token?: string;
  readonly studies: number;
  readonly pixelSize: number;
  readonly transferSyntax: string;
  readonly json?: boolean;
}

type Result = Comparison | Throughput | PlatformIngest | LeakMeasurement;

const benches: Readonly<Record<string, (settings: BenchSettings) => Promise<Result[]>>> = {
  infer: benchInfer,
  train: benchTrain,
  aggregate: benchAggregate,
  ingest: benchIngest,
  predict: benchPredict,
  leaks: benchLeaks,
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
    .option(
      "--data <DIR>",
      "images for predict, ingest and leaks; default for predict and leaks: $CROSSREAD_TESTDATA/mias/pgm",
    )
    .option(
      "--to <URL>",
      "ingest: DICOMweb service of an idle platform, to measure whole against Orthanc's STOW",
    )
    .option("--token <TOKEN>", "token of a site that may write and read; default: $CROSSREAD_TOKEN")
    .option(
      "--studies <N>",
      "with --to: studies of four views",
      parseInteger({ minimum: 1, maximum: 10_000 }),
      20,
    )
    .option(
      "--pixel-size <MM>",
      "with --to: pixels of the 240 × 300 mm detector",
      parseNumber({ minimum: 0.05, maximum: 0.5 }),
      0.1,
    )
    .option("--transfer-syntax <NAME>", `with --to: ${codingChoices.join(", ")}`, "all")
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
        data: options.data,
        onProgress: printProgress,
      };
      const results: Result[] = [];
      for (const name of chosen) {
        if (name === "ingest" && options.to !== undefined) {
          results.push(await benchPlatformIngest(platformIngestSettings(options.to, options)));
          continue;
        }
        const data = name === "ingest" ? options.data : (options.data ?? miasDirectory());
        results.push(...((await benches[name]?.({ ...settings, data })) ?? []));
      }
      const text = [machineText(machine), ...results.map(describeResult)].join("\n\n");
      printResult(options, { machine, results }, text);
    });
}

function describeResult(result: Result): string {
  if ("blocks" in result) return describePlatformIngest(result);
  if ("schedule" in result) return describeComparison(result);
  return "filmCount" in result ? describeLeaks(result) : describeThroughput(result);
}

function platformIngestSettings(to: string, options: BenchOptions) {
  const token = options.token ?? readEnvironment().token;
  if (token === undefined)
    throw new DomainError("usage", "bench ingest --to needs --token, or CROSSREAD_TOKEN.");
  const transferSyntax = codingChoices.find((name) => name === options.transferSyntax);
  if (transferSyntax === undefined) {
    throw new DomainError(
      "usage",
      `--transfer-syntax takes ${codingChoices.join(", ")}, got "${options.transferSyntax}".`,
    );
  }
  return {
    url: to.replace(/\/+$/, ""),
    token,
    studies: options.studies,
    pixelSizeMm: options.pixelSize,
    transferSyntax,
    rounds: Math.min(options.repeat, options.studies),
    run: Math.floor(Date.now() / 1_000),
    onProgress: printProgress,
  };
}

function miasDirectory(): string | undefined {
  const { testDataDirectory } = readEnvironment();
  const directory = testDataDirectory && join(testDataDirectory, "mias/pgm");
  return directory !== undefined && existsSync(directory) ? directory : undefined;
}
