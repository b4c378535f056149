import { assertFinite, assertLabelledScores, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { midranks } from "./midranks.ts";

export interface ScoresByClass {
  readonly diseased: Float64Array;
  readonly nonDiseased: Float64Array;
}

/** Scores of label 1 and of label 0, each in the order of the input. */
export function splitByLabel(labels: Numbers, scores: Numbers): ScoresByClass {
  assertLabelledScores(labels, scores);
  const diseased: number[] = [];
  const nonDiseased: number[] = [];
  for (let index = 0; index < labels.length; index++) {
    (labels[index] === 1 ? diseased : nonDiseased).push(scores[index]!);
  }
  return { diseased: Float64Array.from(diseased), nonDiseased: Float64Array.from(nonDiseased) };
}

/**
 * Empirical area under the ROC curve (Mann–Whitney).
 *
 * θ̂ = 1/(mn) · Σᵢ Σⱼ ψ(xᵢ, yⱼ),  ψ = 1 if x > y, ½ if x = y, 0 if x < y
 *
 * @param diseased - scores, shape [m], any finite scale; larger = more suspicious
 * @param nonDiseased - scores, shape [n], same scale
 * @returns auc in [0, 1]; exact up to one division (ranks are multiples of ½)
 * @throws {MetricInputError} "one-class" if m = 0 or n = 0; "not-finite"
 * @complexity O((m+n) log(m+n)) time, O(m+n) memory
 * @source Bamber, J Math Psych 12:387 (1975)
 * @golden golden/scikit-learn/cases.json
 */
export function auc(diseased: Numbers, nonDiseased: Numbers): number {
  const ranks = jointMidranks(diseased, nonDiseased);
  return aucOfRanks(ranks, diseased.length);
}

/** Midranks of both classes together, the diseased first; throws as `auc` does. */
export function jointMidranks(diseased: Numbers, nonDiseased: Numbers): Float64Array {
  const m = diseased.length;
  const n = nonDiseased.length;
  if (m === 0 || n === 0) {
    throw new MetricInputError(
      "one-class",
      `AUC needs both classes, got ${m} malignant and ${n} benign cases.`,
    );
  }
  assertFinite("scores", diseased);
  assertFinite("scores", nonDiseased);
  return midranks(concatenate(diseased, nonDiseased));
}

/** AUC by the ranks that the m diseased cases have among all. */
export function aucOfRanks(jointRanks: Numbers, m: number): number {
  let rankSum = 0;
  for (let index = 0; index < m; index++) rankSum += jointRanks[index]!;
  return (rankSum - (m * (m + 1)) / 2) / (m * (jointRanks.length - m));
}

/** `auc` of label 1 against label 0. */
export function aucOfCases(labels: Numbers, scores: Numbers): number {
  const { diseased, nonDiseased } = splitByLabel(labels, scores);
  return auc(diseased, nonDiseased);
}

function concatenate(first: Numbers, second: Numbers): Float64Array {
  const joined = new Float64Array(first.length + second.length);
  joined.set(first, 0);
  joined.set(second, first.length);
  return joined;
}
