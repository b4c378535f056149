import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { evaluateScores, type EvaluationLevel } from "@crossread/metrics/evaluation-report";
import { parseInteger, parseNumber, seedRange } from "../arguments.ts";
import { printResult } from "../output.ts";
import { parsePredictions, type PredictionRow } from "../predictions-csv.ts";
import { reportTable, withRecall } from "../report-table.ts";

interface MetricsOptions {
  readonly threshold: number;
  readonly level: EvaluationLevel;
  readonly seed: number;
  readonly replicates: number;
  readonly prevalence?: number;
  readonly json?: boolean;
}

export function registerMetrics(program: Command): void {
  program
    .command("metrics")
    .description("Every metric of a predictions file, with intervals, pooled and per site.")
    .argument("<PREDICTIONS.csv>", "columns label,score[,patient,site]; label is 0/1 or benign/malignant")
    .option(
      "--threshold <T>",
      "a case is called malignant where score ≥ T",
      parseNumber({ minimum: -1e9, maximum: 1e9 }),
      0.5,
    )
    .option("--level <LEVEL>", "what one row is: image, breast or patient", parseLevel, "image")
    .option("--seed <S>", "seed of the bootstrap", parseInteger(seedRange), 42)
    .option(
      "--replicates <B>",
      "bootstrap replicates",
      parseInteger({ minimum: 100, maximum: 100_000 }),
      2000,
    )
    .option(
      "--prevalence <P>",
      "prevalence for adjusted predictive values",
      parseNumber({ minimum: 0, maximum: 1 }),
    )
    .option("--json", "print one JSON object")
    .action(async (file: string, options: MetricsOptions) => {
      const rows = parsePredictions(await readText(file), file);
      const pooled = reportOf(rows, options);
      const siteNames = [...new Set(rows.map((row) => row.site))].filter((site) => site !== undefined);
      const sites = siteNames.sort().map((site) => ({
        site,
        report: reportOf(
          rows.filter((row) => row.site === site),
          options,
        ),
      }));
      const table = reportTable([
        ...sites.map(({ site, report }) => ({ name: site, report })),
        { name: "pooled", report: pooled },
      ]);
      printResult(
        options,
        {
          pooled: withRecall(pooled),
          sites: sites.map(({ report, site }) => ({ site, report: withRecall(report) })),
        },
        table,
      );
    });
}

function reportOf(rows: readonly PredictionRow[], options: MetricsOptions) {
  return evaluateScores({
    labels: rows.map((row) => row.label),
    scores: rows.map((row) => row.score),
    subjectIds: rows.map((row) => row.patient),
    threshold: options.threshold,
    seed: options.seed,
    bootstrapReplicates: options.replicates,
    level: options.level,
    ...(options.prevalence === undefined ? {} : { targetPrevalence: options.prevalence }),
  });
}

function parseLevel(text: string): EvaluationLevel {
  if (text === "image" || text === "breast" || text === "patient") return text;
  throw new DomainError("usage", `--level takes image, breast or patient, got "${text}".`);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
}
