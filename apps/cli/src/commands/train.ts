import { join } from "node:path";
import type { Command } from "commander";
import { readDataset } from "@crossread/datasets/dataset-directory";
import { isDefined } from "@crossread/metrics/estimate";
import { reportMetricNames, type EvaluationReport } from "@crossread/metrics/evaluation-report";
import { summarise as summariseValues } from "@crossread/metrics/summary";
import { defaultClassNames } from "@crossread/model/checkpoint";
import { createEngine } from "@crossread/model/engine-choice";
import { architectureHelp, requirePreset } from "../architecture-option.ts";
import { parseInteger, parseNumber, seedRange } from "../arguments.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint-directory.ts";
import { codeVersion } from "../code-version.ts";
import { formatTable, printProgress, printResult } from "../output.ts";
import { paperSplit, patientSplit } from "../protocol.ts";
import { reportTable } from "../report-table.ts";
import { trainOnce } from "../train-once.ts";

interface TrainOptions {
  readonly data: string;
  readonly protocol: string;
  readonly architecture: string;
  readonly start?: string;
  readonly epochs: number;
  readonly patience?: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly runs: number;
  readonly engine: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function registerTrain(program: Command): void {
  program
    .command("train")
    .description("Train on one dataset directory; metrics on its test split as mean ± sd over repeated runs.")
    .requiredOption("--data <DATASET>", "dataset directory (see import, phantom)")
    .option(
      "--protocol <P>",
      "patient: split by patient, augment after; paper: augment, then split by image (leaks)",
      "patient",
    )
    .option("--architecture <NAME>", architectureHelp, "efficientnet-b0-cbam")
    .option("--start <CHECKPOINT>", "checkpoint to start from (see weights import)")
    .option("--epochs <E>", "epochs at most", parseInteger({ minimum: 1, maximum: 1000 }), 50)
    .option(
      "--patience <P>",
      "epochs without a lower tuning loss before stopping",
      parseInteger({ minimum: 1, maximum: 1000 }),
    )
    .option("--batch-size <B>", "images per step", parseInteger({ minimum: 2, maximum: 256 }), 16)
    .option("--learning-rate <R>", "of Adam", parseNumber({ minimum: 1e-8, maximum: 1 }), 1e-5)
    .option("--seed <S>", "seed of the first run; run r uses seed + r", parseInteger(seedRange), 42)
    .option(
      "--runs <R>",
      "repeated runs, each with a split of its own",
      parseInteger({ minimum: 1, maximum: 100 }),
      1,
    )
    .option("--engine <NAME>", "onnx, onnx-cuda, onnx-webgpu, tensorflow or cpu", "onnx")
    .option("--out <DIR>", "write each run's checkpoint to DIR/run-N")
    .option("--json", "print one JSON object")
    .action(async (options: TrainOptions) => {
      const dataset = await readDataset(options.data);
      const split = options.protocol === "paper" ? paperSplit : patientSplit(options.protocol);
      const start = options.start === undefined ? undefined : await readCheckpoint(options.start);
      const config = start?.config ?? requirePreset(options.architecture);
      const engine = await createEngine(options.engine);
      const runs: { seed: number; report: EvaluationReport; epochs: number; checkpointId?: string }[] = [];
      for (let run = 0; run < options.runs; run++) {
        const seed = options.seed + run;
        const cohort = await split({ dataset, config, seed });
        const outcome = await trainOnce({
          engine,
          config,
          cohort,
          ...(start === undefined ? {} : { start: start.parameters }),
          plan: {
            epochs: options.epochs,
            batchSize: options.batchSize,
            learningRate: options.learningRate,
            isAugmented: true,
            ...(options.patience === undefined ? {} : { earlyStoppingPatience: options.patience }),
          },
          seed,
          onProgress: (line) => printProgress(`Run ${run + 1}/${options.runs}: ${line}`),
        });
        const written =
          options.out === undefined
            ? undefined
            : await writeCheckpoint(join(options.out, `run-${run + 1}`), {
                config,
                parameters: outcome.parameters,
                normalisation: outcome.normalisation,
                classNames: defaultClassNames,
                lineage: {
                  origin: "trained",
                  parentId: start?.checkpointId ?? null,
                  round: 0,
                  strategy: null,
                  seed,
                  cohortDigests: [cohort.digest],
                  updates: [],
                  codeVersion: codeVersion(),
                  sourceSha256: null,
                },
              });
        runs.push({
          seed,
          report: outcome.report,
          epochs: outcome.epochs,
          ...(written === undefined ? {} : { checkpointId: written.checkpointId }),
        });
      }
      const summary = summariseRuns(runs.map((run) => run.report));
      const text = [
        reportTable(
          runs.map((run, index) => ({ name: `run ${index + 1} (seed ${run.seed})`, report: run.report })),
        ),
        "",
        formatTable(
          ["Metric", "Mean", "sd", "Runs"],
          summary.map((row) => [
            row.metric,
            row.mean.toFixed(4),
            row.standardDeviation?.toFixed(4) ?? "–",
            String(row.count),
          ]),
        ),
        options.protocol === "paper"
          ? "Protocol paper: copies of one image are in training and test. These numbers are not performance."
          : "Protocol patient: no patient is in two splits.",
      ].join("\n");
      printResult(
        options,
        { protocol: options.protocol, architecture: config.architecture, runs, summary },
        text,
      );
    });
}

function summariseRuns(reports: readonly EvaluationReport[]) {
  return reportMetricNames.flatMap((metric) => {
    const values = reports.flatMap((report) => {
      const estimate = report.metrics[metric];
      return isDefined(estimate) ? [estimate.value] : [];
    });
    return values.length === 0 ? [] : [{ metric, ...summariseValues(values) }];
  });
}
