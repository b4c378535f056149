/** Statistics of a resample given by multiplicities: scores are sorted once, so that each replicate costs O(N). */
import { ascendingOrder } from "./midranks.ts";
import { assertLabelledScores, type Numbers } from "./input-assertions.ts";
import type { ConfusionMatrix } from "./confusion.ts";
import type { Multiplicity } from "./cluster-bootstrap.ts";

export interface ResampledRanking {
  readonly auc: number | undefined;
  readonly averagePrecision: number | undefined;
}

/** AUC and average precision; undefined where the resample lacks a class they need. */
export function resampledRanking(
  labels: Numbers,
  scores: Numbers,
): (multiplicity: Multiplicity) => ResampledRanking {
  assertLabelledScores(labels, scores);
  const order = ascendingOrder(scores).reverse();
  return (multiplicity) => {
    let malignant = 0;
    let benign = 0;
    let concordance = 0;
    let precisionSum = 0;
    let position = 0;
    while (position < order.length) {
      const score = scores[order[position]!]!;
      let tiedMalignant = 0;
      let tiedBenign = 0;
      for (; position < order.length && scores[order[position]!] === score; position++) {
        const index = order[position]!;
        if (labels[index] === 1) tiedMalignant += multiplicity[index]!;
        else tiedBenign += multiplicity[index]!;
      }
      concordance += tiedBenign * (malignant + tiedMalignant / 2);
      malignant += tiedMalignant;
      benign += tiedBenign;
      if (tiedMalignant > 0) precisionSum += (tiedMalignant * malignant) / (malignant + benign);
    }
    return {
      auc: malignant > 0 && benign > 0 ? concordance / (malignant * benign) : undefined,
      averagePrecision: malignant > 0 ? precisionSum / malignant : undefined,
    };
  };
}

export function resampledConfusion(
  labels: Numbers,
  scores: Numbers,
  threshold: number,
): (multiplicity: Multiplicity) => ConfusionMatrix {
  assertLabelledScores(labels, scores);
  const cells = Uint8Array.from(
    { length: labels.length },
    (_, index) => (labels[index] === 1 ? 2 : 0) + (scores[index]! >= threshold ? 1 : 0),
  );
  return (multiplicity) => {
    const counts = [0, 0, 0, 0];
    for (let index = 0; index < cells.length; index++) counts[cells[index]!]! += multiplicity[index]!;
    return {
      trueNegatives: counts[0]!,
      falsePositives: counts[1]!,
      falseNegatives: counts[2]!,
      truePositives: counts[3]!,
    };
  };
}

export function resampledBrier(labels: Numbers, scores: Numbers): (multiplicity: Multiplicity) => number {
  assertLabelledScores(labels, scores);
  const errors = Float64Array.from(
    { length: labels.length },
    (_, index) => (scores[index]! - labels[index]!) ** 2,
  );
  return (multiplicity) => {
    let sum = 0;
    let count = 0;
    for (let index = 0; index < errors.length; index++) {
      sum += errors[index]! * multiplicity[index]!;
      count += multiplicity[index]!;
    }
    return sum / count;
  };
}
