import { countsByThreshold } from "./roc-curve.ts";
import { MetricInputError } from "./metric-input-error.ts";
import type { Numbers } from "./input-assertions.ts";

export interface PrecisionRecallPoint {
  /** null: above every score, where precision is 1 by convention. */
  readonly threshold: number | null;
  readonly precision: number;
  readonly recall: number;
}

/**
 * Precision and recall at every distinct score.
 *
 * @param labels - shape [N], 1 = malignant; at least one malignant
 * @param scores - shape [N], finite; larger = more suspicious
 * @returns from (recall 0, precision 1, threshold null) with falling thresholds to recall 1
 * @throws {MetricInputError} "one-class" if no case is malignant; "empty", "length-mismatch", "label-invalid", "not-finite"
 * @complexity O(N log N) time
 * @golden golden/scikit-learn/cases.json
 */
export function precisionRecallCurve(labels: Numbers, scores: Numbers): PrecisionRecallPoint[] {
  const rows = countsByThreshold(labels, scores);
  const malignant = rows[rows.length - 1]!.truePositives;
  if (malignant === 0) {
    throw new MetricInputError(
      "one-class",
      "A precision–recall curve needs at least one malignant case, got none.",
    );
  }
  return [
    { threshold: null, precision: 1, recall: 0 },
    ...rows.map((row) => ({
      threshold: row.threshold,
      precision: row.truePositives / (row.truePositives + row.falsePositives),
      recall: row.truePositives / malignant,
    })),
  ];
}

/**
 * Average precision: the step-wise area under the precision–recall curve, without interpolation.
 *
 * AP = Σₖ (Rₖ − Rₖ₋₁) · Pₖ, thresholds falling
 *
 * @returns in (0, 1]
 * @throws {MetricInputError} as `precisionRecallCurve`
 * @golden golden/scikit-learn/cases.json
 */
export function averagePrecision(labels: Numbers, scores: Numbers): number {
  const points = precisionRecallCurve(labels, scores);
  let sum = 0;
  for (let index = 1; index < points.length; index++) {
    sum += (points[index]!.recall - points[index - 1]!.recall) * points[index]!.precision;
  }
  return sum;
}
