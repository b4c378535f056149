import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import {
  decodeTrainingState,
  encodeTrainingState,
  epochSummarySchema,
  type TrainingState,
} from "@crossread/model/training-state";
import { z } from "zod";
import { stringify } from "./csv-text.ts";
import { parsePredictions } from "./predictions-csv.ts";
import { curvesSvg } from "./training-curves.ts";

/** A run's files under --out: the state while it trains; checkpoint, result, test predictions and curves afterwards. */
const stateName = "training-state.safetensors";
const resultName = "result.json";
const predictionsName = "predictions.csv";

const runResultSchema = z.strictObject({
  /** Digest of everything that decides the run. */
  settings: z.string(),
  seed: z.int(),
  threshold: z.number(),
  selectedEpoch: z.int(),
  stoppedEarly: z.boolean(),
  history: z.array(epochSummarySchema),
  checkpointId: z.string(),
});
export type RunResult = z.infer<typeof runResultSchema>;

export interface TestPrediction {
  readonly label: 0 | 1;
  readonly score: number;
  readonly subjectId: string;
}

export interface FinishedRun {
  readonly result: RunResult;
  readonly test: readonly TestPrediction[];
}

/** Replaces the state as a whole: a kill leaves the old one or the new one. */
export async function saveState(directory: string, state: TrainingState): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, stateName);
  const draft = `${path}.part`;
  const handle = await open(draft, "w");
  try {
    await handle.writeFile(encodeTrainingState(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}

export const hasState = (directory: string): boolean => existsSync(join(directory, stateName));

export async function findState(directory: string): Promise<TrainingState | undefined> {
  if (!hasState(directory)) return undefined;
  const path = join(directory, stateName);
  return decodeTrainingState(await readFile(path), path);
}

/** Writes what is left of a run and, last, removes its state: until then a kill only repeats the end. */
export async function finishRun(
  directory: string,
  run: FinishedRun & { readonly losses: readonly number[]; readonly gradientNorms: readonly number[] },
): Promise<void> {
  const { gradientNorms, losses, result, test } = run;
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  await write(
    predictionsName,
    stringify(
      ["label", "score", "patient"],
      test.map(({ label, score, subjectId }) => [String(label), String(score), subjectId]),
    ),
  );
  await write(
    "curves.csv",
    stringify(
      ["epoch", "training_loss", "tuning_loss", "tuning_auc", "gradient_norm"],
      result.history.map((row) => [
        String(row.epoch),
        String(row.trainLoss),
        String(row.tuningLoss ?? ""),
        String(row.tuningAuc ?? ""),
        String(row.gradientNorm),
      ]),
    ),
  );
  await write(
    "steps.csv",
    stringify(
      ["step", "loss", "gradient_norm"],
      losses.map((loss, step) => [String(step + 1), String(loss), String(gradientNorms[step] ?? "")]),
    ),
  );
  await write("curves.svg", curvesSvg(result.history, { selectedEpoch: result.selectedEpoch }));
  await write(resultName, `${JSON.stringify(result)}\n`);
  await rm(join(directory, stateName), { force: true });
}

/** A run that ended before, with these very settings; undefined where there is none. */
export async function findFinishedRun(directory: string, settings: string): Promise<FinishedRun | undefined> {
  const path = join(directory, resultName);
  if (!existsSync(path)) return undefined;
  const result = parseResult(await readFile(path, "utf8"), path);
  if (result.settings !== settings) {
    throw new DomainError(
      "conflict",
      `${directory} holds a run with other images or options; resume with the same ones, or choose another --out.`,
    );
  }
  const predictionsPath = join(directory, predictionsName);
  const rows = parsePredictions(await readFile(predictionsPath, "utf8"), predictionsPath);
  return {
    result,
    test: rows.map(({ label, patient, score }) => ({ label, score, subjectId: patient })),
  };
}

function parseResult(text: string, path: string): RunResult {
  try {
    return runResultSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DomainError("dataset-invalid", `${path} is not the result of a training run.`, { cause });
  }
}
