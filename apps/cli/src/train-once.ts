import type { EvaluationReport } from "@crossread/metrics/evaluation-report";
import type { ModelConfig } from "@crossread/model/config";
import type { Engine } from "@crossread/model/engine";
import { normalisationOf, sumPixels, type Normalisation } from "@crossread/model/normalisation";
import { initialParameters, type ModelParameters } from "@crossread/model/parameter-table";
import type { LocalPlan } from "@crossread/model/local-plan";
import { trainLocal } from "@crossread/model/train-local";
import { reportOf, scoreSets, thresholdOf } from "./evaluate-examples.ts";
import type { TrainingCohort } from "./protocol.ts";

export interface TrainingOutcome {
  readonly parameters: ModelParameters;
  readonly normalisation: Normalisation;
  readonly report: EvaluationReport;
  readonly epochs: number;
}

/** One training and its evaluation on the test split, with the threshold chosen on the tuning split. */
export async function trainOnce(options: {
  engine: Engine;
  config: ModelConfig;
  cohort: TrainingCohort;
  start?: ModelParameters;
  plan: LocalPlan;
  seed: number;
  onProgress: (line: string) => void;
}): Promise<TrainingOutcome> {
  const { cohort, config, engine, plan, seed } = options;
  const normalisation = normalisationOf(sumPixels(cohort.train.map((example) => example.pixels)));
  let reported = 0;
  const trained = await trainLocal({
    engine,
    config,
    start: options.start ?? initialParameters(config, seed),
    train: cohort.train,
    tuning: cohort.tuning,
    normalisation,
    plan,
    seed,
    onProgress: ({ epoch, epochs, history }) => {
      const last = history.at(-1);
      if (last === undefined || epoch === reported) return;
      reported = epoch;
      const tuning = last.tuningLoss === null ? "" : `, tuning loss ${last.tuningLoss.toFixed(4)}`;
      options.onProgress(`epoch ${epoch}/${epochs}, training loss ${last.trainLoss.toFixed(4)}${tuning}`);
    },
  });
  const model = { engine, config, normalisation, parameters: trained.parameters };
  const [tuning = [], test = []] = await scoreSets(model, [cohort.tuning, cohort.test]);
  const report = reportOf(test, { threshold: thresholdOf(tuning).threshold, seed });
  return { parameters: trained.parameters, normalisation, report, epochs: trained.history.length };
}
