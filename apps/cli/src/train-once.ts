import { performance } from "node:perf_hooks";
import type { ModelConfig } from "@crossread/model/config";
import type { Engine } from "@crossread/model/engine";
import type { LocalPlan } from "@crossread/model/local-plan";
import { normalisationOf, sumPixels, type Normalisation } from "@crossread/model/normalisation";
import { initialParameters, type ModelParameters } from "@crossread/model/parameter-table";
import type { ExamplePrediction } from "@crossread/model/predict-examples";
import {
  trainLocal,
  type StateSaving,
  type TrainingProgress,
  type TrainLocalResult,
} from "@crossread/model/train-local";
import type { TrainingState } from "@crossread/model/training-state";
import { scoreSets, thresholdOf } from "./evaluate-examples.ts";
import type { Protocol, TrainingCohort } from "./protocol.ts";

export interface TrainingOutcome {
  readonly trained: TrainLocalResult;
  readonly normalisation: Normalisation;
  readonly threshold: number;
  readonly test: readonly ExamplePrediction[];
}

/** One training and its scores on the test split. */
export async function trainOnce(options: {
  engine: Engine;
  config: ModelConfig;
  cohort: TrainingCohort;
  threshold: Protocol["threshold"];
  start?: ModelParameters;
  plan: LocalPlan;
  seed: number;
  saving?: StateSaving;
  resumeFrom?: TrainingState;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}): Promise<TrainingOutcome> {
  const { cohort, config, engine, plan, resumeFrom, saving, seed } = options;
  const normalisation = normalisationOf(sumPixels(cohort.train.map((example) => example.pixels)));
  const trained = await trainLocal({
    engine,
    config,
    start: options.start ?? initialParameters(config, seed),
    train: cohort.train,
    tuning: cohort.tuning,
    normalisation,
    plan,
    seed,
    signal: options.signal,
    clock: () => performance.now(),
    ...(saving && { saving }),
    ...(resumeFrom && { resumeFrom }),
    onProgress: progressLines(options.onProgress),
  });
  const model = { engine, config, normalisation, parameters: trained.parameters };
  const [tuning = [], test = []] = await scoreSets(model, [cohort.tuning, cohort.test]);
  const threshold = options.threshold === "argmax" ? 0.5 : thresholdOf(tuning).threshold;
  return { trained, normalisation, threshold, test };
}

const lineEveryMs = 5_000;

/** A line an epoch, and in long epochs one every few seconds. */
function progressLines(print: (line: string) => void): (progress: TrainingProgress) => void {
  let reportedEpoch = 0;
  let reportedAt = performance.now();
  return ({ epoch, epochs, history, loss, remainingMs, step, steps }) => {
    const left = remainingMs === null ? "" : `, at most ${durationText(remainingMs)} left`;
    const last = history.at(-1);
    if (last !== undefined && epoch !== reportedEpoch) {
      const tuning = last.tuningLoss === null ? "" : `, tuning loss ${last.tuningLoss.toFixed(4)}`;
      const auc = last.tuningAuc === null ? "" : `, tuning AUC ${last.tuningAuc.toFixed(3)}`;
      print(`epoch ${epoch}/${epochs}, training loss ${last.trainLoss.toFixed(4)}${tuning}${auc}${left}`);
      reportedEpoch = epoch;
    } else {
      if (performance.now() - reportedAt < lineEveryMs) return;
      print(`step ${step}/${steps}, loss ${loss.toFixed(4)}${left}`);
    }
    reportedAt = performance.now();
  };
}

/** "40 s", "12 min", "3 h 5 min". */
function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
