import { confusionMetrics, type ConfusionMetrics } from "./confusion.ts";
import { ratio, type PointEstimate } from "./estimate.ts";

export interface Baseline {
  readonly name: "all-malignant" | "all-benign";
  readonly metrics: ConfusionMetrics;
  /** A constant score orders no pair: ½ by its definition. */
  readonly auc: PointEstimate;
  /** Of the constant score that equals the cohort's prevalence: π(1−π), the least that any constant reaches. */
  readonly brierOfPrevalence: PointEstimate;
}

/** What two classifiers that never look at an image reach on a cohort of these counts. */
export function prevalenceBaselines(malignantCount: number, benignCount: number): Baseline[] {
  const total = malignantCount + benignCount;
  const hasBothClasses = malignantCount > 0 && benignCount > 0;
  const shared = {
    auc: hasBothClasses ? { value: 0.5 } : { undefined: "The cohort has one class." },
    brierOfPrevalence: ratio(malignantCount * benignCount, total * total, "There is no case."),
  };
  return [
    {
      name: "all-malignant",
      metrics: confusionMetrics({
        truePositives: malignantCount,
        falsePositives: benignCount,
        trueNegatives: 0,
        falseNegatives: 0,
      }),
      ...shared,
    },
    {
      name: "all-benign",
      metrics: confusionMetrics({
        truePositives: 0,
        falsePositives: 0,
        trueNegatives: benignCount,
        falseNegatives: malignantCount,
      }),
      ...shared,
    },
  ];
}
