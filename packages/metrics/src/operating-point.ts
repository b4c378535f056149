import { assertUnitInterval, type Numbers } from "./input-assertions.ts";
import { countsByThreshold } from "./roc-curve.ts";
import { MetricInputError } from "./metric-input-error.ts";

export type OperatingPointRule =
  | { readonly kind: "youden" }
  | { readonly kind: "target-sensitivity"; readonly target: number }
  | { readonly kind: "target-specificity"; readonly target: number };

export interface OperatingPoint {
  /** Cases with score ≥ threshold are called malignant. */
  readonly threshold: number;
  readonly rule: OperatingPointRule;
  /** The split or cohort whose scores chose it, e.g. "tuning". */
  readonly chosenOn: string;
  readonly sensitivity: number;
  readonly specificity: number;
}

/**
 * Chooses a threshold among the observed scores.
 *
 * youden: largest sensitivity + specificity − 1, of equals the one with the higher sensitivity;
 * target-sensitivity: highest threshold with sensitivity ≥ target; target-specificity: lowest threshold with
 * specificity ≥ target, or the highest observed score where none reaches it
 *
 * @param labels - shape [N], 1 = malignant
 * @param scores - shape [N], finite; larger = more suspicious
 * @param choice - the rule, and the name of the cohort that the scores come from
 * @throws {MetricInputError} "one-class", "empty", "length-mismatch", "label-invalid", "not-finite"; "out-of-range" for a target outside [0, 1]
 * @source Youden, Cancer 3:32 (1950)
 */
export function chooseOperatingPoint(
  labels: Numbers,
  scores: Numbers,
  choice: { readonly rule: OperatingPointRule; readonly chosenOn: string },
): OperatingPoint {
  const { rule, chosenOn } = choice;
  if (rule.kind !== "youden") assertUnitInterval("The target of the operating point", rule.target);
  const rows = countsByThreshold(labels, scores);
  const { truePositives: malignant, falsePositives: benign } = rows[rows.length - 1]!;
  if (malignant === 0 || benign === 0) {
    throw new MetricInputError(
      "one-class",
      `An operating point needs both classes, got ${malignant} malignant and ${benign} benign cases.`,
    );
  }
  const candidates = rows.map((row) => ({
    threshold: row.threshold,
    sensitivity: row.truePositives / malignant,
    specificity: (benign - row.falsePositives) / benign,
    // Youden's J times malignant·benign: an integer, so that ties are exact.
    scaledYouden: row.truePositives * benign - row.falsePositives * malignant,
  }));
  const { threshold, sensitivity, specificity } = candidates.reduce((best, next) =>
    isPreferred(next, best, rule) ? next : best,
  );
  return { threshold, rule, chosenOn, sensitivity, specificity };
}

interface Candidate {
  readonly sensitivity: number;
  readonly specificity: number;
  readonly scaledYouden: number;
}

/** Candidates come with falling thresholds: sensitivity never falls, specificity never rises. */
function isPreferred(next: Candidate, best: Candidate, rule: OperatingPointRule): boolean {
  switch (rule.kind) {
    case "youden":
      return next.scaledYouden >= best.scaledYouden;
    case "target-sensitivity":
      return best.sensitivity < rule.target;
    case "target-specificity":
      return next.specificity >= rule.target;
  }
}
