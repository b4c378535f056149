import { assertFinite, assertLabelledScores, type Numbers } from "./input-assertions.ts";
import { dip } from "./dip.ts";
import { isDefined, ratio, type PointEstimate } from "./estimate.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface ConfusionMatrix {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface ConfusionMetrics {
  readonly accuracy: PointEstimate;
  readonly sensitivity: PointEstimate;
  readonly specificity: PointEstimate;
  readonly precision: PointEstimate;
  readonly negativePredictiveValue: PointEstimate;
  readonly f1: PointEstimate;
  readonly dip: PointEstimate;
}

/**
 * Confusion matrix at a threshold: a case is called malignant where score ≥ threshold.
 *
 * @param labels - shape [N], 1 = malignant
 * @param scores - shape [N], finite; larger = more suspicious
 * @param threshold - on the scale of the scores
 * @throws {MetricInputError} "empty", "length-mismatch", "label-invalid", "not-finite"
 * @golden golden/scikit-learn/cases.json
 */
export function confusionMatrix(labels: Numbers, scores: Numbers, threshold: number): ConfusionMatrix {
  assertLabelledScores(labels, scores);
  assertFinite("thresholds", [threshold]);
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (let index = 0; index < labels.length; index++) {
    if (scores[index]! >= threshold) counts[labels[index] === 1 ? "truePositives" : "falsePositives"]++;
    else counts[labels[index] === 1 ? "falseNegatives" : "trueNegatives"]++;
  }
  return counts;
}

/**
 * The paper's metrics of a confusion matrix (eq. 14–19).
 *
 * accuracy = (TP+TN)/N · sensitivity = TP/(TP+FN) · specificity = TN/(TN+FP) · precision = TP/(TP+FP) ·
 * NPV = TN/(TN+FN) · F1 = 2TP/(2TP+FP+FN) · DIP of precision and sensitivity
 *
 * @returns each in [0, 1], or the reason why its denominator is 0; F1 is 0, not undefined, where TP = 0 < FP+FN
 * @throws {MetricInputError} "out-of-range" if a count is negative or not an integer; "empty" if all are 0
 * @source ASG-MammoNet, eq. 14–19
 * @golden golden/paper/cases.json, golden/scikit-learn/cases.json
 */
export function confusionMetrics(matrix: ConfusionMatrix): ConfusionMetrics {
  for (const [name, count] of Object.entries(matrix)) {
    if (!Number.isInteger(count) || count < 0) {
      throw new MetricInputError("out-of-range", `${name} must be a count, got ${count}.`);
    }
  }
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = matrix;
  if (tp + fp + tn + fn === 0) throw new MetricInputError("empty", "The confusion matrix counts no case.");
  const sensitivity = ratio(tp, tp + fn, "No case is malignant.");
  const precision = ratio(tp, tp + fp, "No case is called malignant.");
  return {
    accuracy: ratio(tp + tn, tp + fp + tn + fn, "There is no case."), // eq. 14
    sensitivity, // eq. 17
    specificity: ratio(tn, tn + fp, "No case is benign."), // eq. 15
    precision, // eq. 16
    negativePredictiveValue: ratio(tn, tn + fn, "No case is called benign."),
    f1: ratio(2 * tp, 2 * tp + fp + fn, "No case is malignant and none is called malignant."), // eq. 18
    dip: dipOf(precision, sensitivity), // eq. 19
  };
}

function dipOf(precision: PointEstimate, sensitivity: PointEstimate): PointEstimate {
  if (!isDefined(precision)) return precision;
  if (!isDefined(sensitivity)) return sensitivity;
  return { value: dip([precision.value, sensitivity.value]) };
}
