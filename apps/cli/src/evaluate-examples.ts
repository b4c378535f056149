import { evaluateScores, type EvaluationInput } from "@crossread/metrics/evaluation-report";
import { chooseOperatingPoint } from "@crossread/metrics/operating-point";
import { predictExamples, type ExamplePrediction } from "@crossread/model/predict-examples";
import type { ModelConfig } from "@crossread/model/config";
import type { Engine } from "@crossread/model/engine";
import type { Example } from "@crossread/model/example";
import type { Normalisation } from "@crossread/model/normalisation";
import type { ModelParameters } from "@crossread/model/parameter-table";

const bootstrapReplicates = 2000;

export interface ScoredModel {
  readonly engine: Engine;
  readonly config: ModelConfig;
  readonly normalisation: Normalisation;
  readonly parameters: ModelParameters;
}

/** Scores of several sets with one compiled network. */
export async function scoreSets(
  model: ScoredModel,
  sets: readonly (readonly Example[])[],
): Promise<ExamplePrediction[][]> {
  const { config, normalisation } = model;
  const predictor = await model.engine.createPredictor({
    config,
    parameters: model.parameters,
    batchSize: 16,
  });
  try {
    const scored: ExamplePrediction[][] = [];
    for (const examples of sets) {
      scored.push(await predictExamples({ predictor, config, normalisation, examples }));
    }
    return scored;
  } finally {
    await predictor.dispose();
  }
}

/** Youden's threshold on the tuning predictions; 0.5 where they lack a class. */
export function thresholdOf(tuning: readonly ExamplePrediction[]): { threshold: number; chosenOn: string } {
  const labels = tuning.map((prediction) => prediction.label);
  if (new Set(labels).size < 2) return { threshold: 0.5, chosenOn: "fixed" };
  const scores = tuning.map((prediction) => prediction.score);
  return chooseOperatingPoint(labels, scores, { rule: { kind: "youden" }, chosenOn: "tuning" });
}

export function evaluationInput(
  predictions: readonly Pick<ExamplePrediction, "label" | "score" | "subjectId">[],
  settings: { threshold: number; seed: number },
): EvaluationInput {
  return {
    labels: predictions.map((prediction) => prediction.label),
    scores: predictions.map((prediction) => prediction.score),
    subjectIds: predictions.map((prediction) => prediction.subjectId),
    threshold: settings.threshold,
    seed: settings.seed,
    bootstrapReplicates,
    level: "image",
  };
}

export const reportOf = (
  predictions: Parameters<typeof evaluationInput>[0],
  settings: { threshold: number; seed: number },
) => evaluateScores(evaluationInput(predictions, settings));
