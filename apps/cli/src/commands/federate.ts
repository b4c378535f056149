import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { readDataset } from "@crossread/datasets/dataset-directory";
import { strategyNameSchema } from "@crossread/contracts/training-plan";
import { configureStrategy } from "@crossread/federation/strategies";
import { defaultClassNames } from "@crossread/model/checkpoint";
import { createEngine } from "@crossread/model/engine-choice";
import { mergePixelSums, normalisationOf, sumPixels } from "@crossread/model/normalisation";
import { initialParameters } from "@crossread/model/parameter-table";
import { architectureHelp, requirePreset } from "../architecture-option.ts";
import { parseInteger, parseNumber, seedRange } from "../arguments.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint-directory.ts";
import { addGuardOptions, guardDataset, type GuardOptions } from "../cohort-guard.ts";
import { codeVersion } from "../code-version.ts";
import { checkpointLeaderboard, evaluateRound, type RoundEvaluation } from "../federated-evaluation.ts";
import { describeRun, writeReport } from "../federated-report.ts";
import { runFederation } from "../federated-run.ts";
import { printProgress, printResult } from "../output.ts";
import { withRecall } from "../report-table.ts";
import { loadFederation } from "../site-cohorts.ts";
import { updateFileName } from "../verify-checkpoint.ts";

interface FederateOptions extends GuardOptions {
  readonly data: string;
  readonly sites: string;
  readonly strategy: string;
  readonly rounds: number;
  readonly localEpochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly architecture: string;
  readonly start?: string;
  readonly seed: number;
  readonly engine: string;
  readonly out: string;
  readonly json?: boolean;
}

export function registerFederate(program: Command): void {
  const command = program
    .command("federate")
    .description("The whole federated cycle on files: local training, aggregation, evaluation at every site.")
    .requiredOption("--data <DATASET>", "dataset directory (see import, phantom)")
    .option("--sites <N|FILE>", "number of sites, or JSON { siteId: [subjectId, …] }", "3")
    .option("--strategy <S>", strategyNameSchema.options.join(", "), "fedavg")
    .option("--rounds <R>", "rounds", parseInteger({ minimum: 1, maximum: 1000 }), 5)
    .option(
      "--local-epochs <E>",
      "epochs at each site in each round",
      parseInteger({ minimum: 1, maximum: 100 }),
      1,
    )
    .option("--batch-size <B>", "images per step", parseInteger({ minimum: 2, maximum: 256 }), 16)
    .option("--learning-rate <R>", "of Adam at the sites", parseNumber({ minimum: 1e-8, maximum: 1 }), 1e-5)
    .option("--architecture <NAME>", architectureHelp, "efficientnet-b0-cbam")
    .option("--start <CHECKPOINT>", "checkpoint to start from (see weights import)");
  addGuardOptions(command)
    .option("--seed <S>", "decides splits, order and augmentation", parseInteger(seedRange), 42)
    .option("--engine <NAME>", "onnx, onnx-cuda, onnx-webgpu, tensorflow or cpu", "onnx")
    .option("--out <DIR>", "report directory", "crossread-federate")
    .option("--json", "print one JSON object")
    .action(federate);
}

async function federate(options: FederateOptions): Promise<void> {
  const strategy = configureStrategy(options.strategy);
  const dataset = guardDataset(await readDataset(options.data), options);
  const start = options.start === undefined ? undefined : await readCheckpoint(options.start);
  const config = start?.config ?? requirePreset(options.architecture);
  const engine = await createEngine(options.engine);
  const { seed } = options;
  const cohort = await loadFederation({ dataset, sites: options.sites, config, seed, guard: options });
  const sums = cohort.sites.map((site) => sumPixels(site.splits.train.map((example) => example.pixels)));
  const normalisation = normalisationOf(mergePixelSums(sums));
  const rounds = await runFederation({
    engine,
    config,
    sites: cohort.sites,
    start: start?.parameters ?? initialParameters(config, seed),
    normalisation,
    strategy,
    rounds: options.rounds,
    plan: {
      epochs: options.localEpochs,
      batchSize: options.batchSize,
      learningRate: options.learningRate,
      isAugmented: true,
    },
    seed,
    onProgress: printProgress,
    onAccepted: async ({ bytes, sha256 }) => {
      await mkdir(join(options.out, "updates"), { recursive: true });
      await writeFile(join(options.out, "updates", updateFileName(sha256)), bytes);
    },
  });

  const evaluations: RoundEvaluation[] = [];
  const checkpointIds: string[] = [];
  for (const round of rounds) {
    printProgress(`evaluating round ${round.number} at ${cohort.sites.length} sites`);
    const model = { engine, config, normalisation, parameters: round.parameters };
    evaluations.push(await evaluateRound(model, { sites: cohort.sites, round: round.number, seed }));
    const written = await writeCheckpoint(join(options.out, "checkpoints", `round-${round.number}`), {
      config,
      parameters: round.parameters,
      normalisation,
      classNames: defaultClassNames,
      lineage: {
        origin: round.number === 0 ? "initial" : "aggregated",
        parentId: checkpointIds.at(-1) ?? start?.checkpointId ?? null,
        round: round.number,
        strategy: round.number === 0 ? null : { name: strategy.name, parameters: { ...strategy.parameters } },
        seed,
        cohortDigests: [cohort.cohortDigest],
        updates: [...round.updates],
        codeVersion: codeVersion(),
        sourceSha256: null,
      },
    });
    checkpointIds.push(written.checkpointId);
  }

  const leaderboard = checkpointLeaderboard(evaluations, seed);
  const final = evaluations[evaluations.length - 1];
  if (final === undefined) return;
  const result = {
    architecture: config.architecture,
    strategy: { name: strategy.name, parameters: strategy.parameters },
    seed,
    cohortDigest: cohort.cohortDigest,
    leaks: cohort.leaks.map(({ imageIds, kind }) => ({ imageIds, kind })),
    level: "image",
    sites: final.sites.map(({ report, siteId }) => ({ siteId, n: report.caseCount, ...withRecall(report) })),
    pooled: withRecall(final.pooled),
    rounds: rounds.map((round, index) => ({
      number: round.number,
      checkpointId: checkpointIds[index],
      updates: round.updates,
      refused: round.refused,
      siteLoss: round.siteLoss,
      pooledMetrics: evaluations[index]?.pooled.metrics,
      siteMetrics: evaluations[index]?.sites.map(({ report, siteId }) => ({
        siteId,
        metrics: report.metrics,
      })),
    })),
    leaderboard,
    reportDirectory: options.out,
  };
  const text = describeRun(final, leaderboard);
  await writeReport(options.out, { result, text, final, threshold: final.threshold });
  printResult(options, result, text);
}
