/** What a reader study compares: a number per reader and condition, in the three forms that its covariances need. */
import { splitByLabel } from "./auc.ts";
import type { Multiplicity } from "./cluster-bootstrap.ts";
import { structuralComponents } from "./delong.ts";
import { assertFinite, type Numbers } from "./input-assertions.ts";
import { resampledConfusion, resampledRanking } from "./resampled-statistics.ts";

export interface FigureOfMerit {
  readonly name: string;
  /** The cases whose ratings it uses; the jackknife leaves out no others. */
  readonly uses: "both" | "diseased" | "non-diseased";
  /** Its value for a resample, undefined where the resample leaves it without one. */
  readonly resampled: (
    labels: Numbers,
    ratings: Numbers,
  ) => (multiplicity: Multiplicity) => number | undefined;
  /**
   * Shape [N]: its value is the mean of these over the diseased cases and over the non-diseased ones, whichever it uses.
   * Absent where it is no such mean: then DeLong's covariance does not exist.
   */
  readonly components?: (labels: Numbers, ratings: Numbers) => Float64Array;
  /** Of a figure that uses both classes: its value is the mean of this over pairs of a diseased and a non-diseased rating. */
  readonly kernel?: (diseased: number, nonDiseased: number) => number;
}

/** Empirical area under the ROC curve. */
export const aucFigure: FigureOfMerit = {
  name: "AUC",
  uses: "both",
  kernel: (diseased, nonDiseased) => (diseased > nonDiseased ? 1 : diseased === nonDiseased ? 0.5 : 0),
  resampled: (labels, ratings) => {
    const ranking = resampledRanking(labels, ratings);
    return (multiplicity) => ranking(multiplicity).auc;
  },
  components: (labels, ratings) => {
    const { diseased, nonDiseased } = splitByLabel(labels, ratings);
    const placements = structuralComponents(diseased, nonDiseased);
    let diseasedIndex = 0;
    let nonDiseasedIndex = 0;
    return Float64Array.from({ length: labels.length }, (_, index) =>
      labels[index] === 1
        ? placements.diseased[diseasedIndex++]!
        : placements.nonDiseased[nonDiseasedIndex++]!,
    );
  },
};

/** Share of malignant cases with rating ≥ threshold. */
export function sensitivityFigure(threshold: number): FigureOfMerit {
  assertFinite("thresholds", [threshold]);
  return {
    name: `sensitivity at ${threshold}`,
    uses: "diseased",
    resampled: (labels, ratings) => {
      const confusion = resampledConfusion(labels, ratings, threshold);
      return (multiplicity) => {
        const { truePositives, falseNegatives } = confusion(multiplicity);
        const count = truePositives + falseNegatives;
        return count === 0 ? undefined : truePositives / count;
      };
    },
    components: (_, ratings) =>
      Float64Array.from({ length: ratings.length }, (_value, index) =>
        ratings[index]! >= threshold ? 1 : 0,
      ),
  };
}

/** Share of benign cases with rating < threshold. */
export function specificityFigure(threshold: number): FigureOfMerit {
  assertFinite("thresholds", [threshold]);
  return {
    name: `specificity at ${threshold}`,
    uses: "non-diseased",
    resampled: (labels, ratings) => {
      const confusion = resampledConfusion(labels, ratings, threshold);
      return (multiplicity) => {
        const { trueNegatives, falsePositives } = confusion(multiplicity);
        const count = trueNegatives + falsePositives;
        return count === 0 ? undefined : trueNegatives / count;
      };
    },
    components: (_, ratings) =>
      Float64Array.from({ length: ratings.length }, (_value, index) => (ratings[index]! < threshold ? 1 : 0)),
  };
}
