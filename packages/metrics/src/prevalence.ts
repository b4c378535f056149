import { assertUnitInterval } from "./input-assertions.ts";
import { ratio, type PointEstimate } from "./estimate.ts";

export interface PredictiveValues {
  readonly positive: PointEstimate;
  readonly negative: PointEstimate;
}

/**
 * Predictive values at another prevalence than the cohort's (cohorts are balanced by design, clinics are not).
 *
 * PPV = Se·π / (Se·π + (1−Sp)(1−π)),  NPV = Sp·(1−π) / (Sp·(1−π) + (1−Se)·π)
 *
 * @param rates.sensitivity - Se in [0, 1]
 * @param rates.specificity - Sp in [0, 1]
 * @param rates.prevalence - π in [0, 1], of the population that the values are for
 * @returns each in [0, 1], or the reason where nothing would be called so
 * @throws {MetricInputError} "out-of-range"
 * @source Altman & Bland, BMJ 309:102 (1994)
 */
export function predictiveValues(rates: {
  readonly sensitivity: number;
  readonly specificity: number;
  readonly prevalence: number;
}): PredictiveValues {
  const { sensitivity, specificity, prevalence } = rates;
  assertUnitInterval("Sensitivity", sensitivity);
  assertUnitInterval("Specificity", specificity);
  assertUnitInterval("Prevalence", prevalence);
  const truePositive = sensitivity * prevalence;
  const trueNegative = specificity * (1 - prevalence);
  const falsePositive = (1 - specificity) * (1 - prevalence);
  const falseNegative = (1 - sensitivity) * prevalence;
  return {
    positive: ratio(truePositive, truePositive + falsePositive, "Nobody would be called malignant."),
    negative: ratio(trueNegative, trueNegative + falseNegative, "Nobody would be called benign."),
  };
}
