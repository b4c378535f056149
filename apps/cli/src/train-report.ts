import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDefined } from "@crossread/metrics/estimate";
import { reportMetricNames, type EvaluationReport } from "@crossread/metrics/evaluation-report";
import { summarise as summariseValues } from "@crossread/metrics/summary";
import type { ModelConfig } from "@crossread/model/config";
import type { EpochSummary } from "@crossread/model/training-state";
import { reportOf } from "./evaluate-examples.ts";
import { formatTable, printResult } from "./output.ts";
import type { Protocol } from "./protocol.ts";
import { reportTable } from "./report-table.ts";
import type { RunResult, TestPrediction } from "./run-directory.ts";

export interface Run {
  readonly seed: number;
  readonly report: EvaluationReport;
  readonly epochs: number;
  readonly selectedEpoch: number;
  readonly stoppedEarly: boolean;
  readonly history: readonly EpochSummary[];
  readonly checkpointId?: string;
}

/** A run's test report; a run that is not written has no checkpoint id. */
export function toRun(run: {
  readonly result: Omit<RunResult, "checkpointId" | "settings"> & { readonly checkpointId?: string };
  readonly test: readonly TestPrediction[];
}): Run {
  const { checkpointId, history, seed, selectedEpoch, stoppedEarly, threshold } = run.result;
  return {
    seed,
    report: reportOf(run.test, { threshold, seed }),
    epochs: history.length,
    selectedEpoch,
    stoppedEarly,
    history,
    ...(checkpointId !== undefined && { checkpointId }),
  };
}

/** Prints every run and their mean ± sd, and keeps the same as DIR/summary.json where there is a directory. */
export async function reportRuns(
  options: { readonly out?: string; readonly json?: boolean },
  training: { readonly config: ModelConfig; readonly protocol: Protocol; readonly runs: readonly Run[] },
): Promise<void> {
  const { config, protocol, runs } = training;
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
    protocol.caution,
  ].join("\n");
  const result = {
    protocol: protocol.name,
    ...(Object.keys(protocol.settings).length > 0 && { protocolSettings: protocol.settings }),
    architecture: config.architecture,
    headVariant: config.headVariant,
    runs,
    summary,
    caution: protocol.caution,
  };
  if (options.out !== undefined) {
    await writeFile(join(options.out, "summary.json"), `${JSON.stringify(result, null, 2)}\n`);
  }
  printResult(options, result, text);
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
