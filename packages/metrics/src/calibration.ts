import { assertLabelledScores, assertUnitInterval, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { quantileOfSorted } from "./quantile.ts";

export type Binning = "equal-width" | "equal-mass";

export interface ReliabilityBin {
  /** Bin (lower, upper]; the first bin also holds its lower edge. */
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly meanScore: number;
  /** Share of malignant cases in the bin. */
  readonly observedRate: number;
}

function assertProbabilities(labels: Numbers, scores: Numbers): void {
  assertLabelledScores(labels, scores);
  for (let index = 0; index < scores.length; index++) assertUnitInterval(`Score ${index}`, scores[index]!);
}

/**
 * Brier score: mean squared error of scores read as probabilities; smaller is better.
 *
 * 1/N · Σ (sᵢ − yᵢ)²
 *
 * @param labels - shape [N], 1 = malignant
 * @param scores - shape [N], in [0, 1]
 * @returns in [0, 1]
 * @throws {MetricInputError} "out-of-range" for a score outside [0, 1]; "empty", "length-mismatch", "label-invalid", "not-finite"
 * @golden golden/scikit-learn/cases.json
 */
export function brierScore(labels: Numbers, scores: Numbers): number {
  assertProbabilities(labels, scores);
  let sum = 0;
  for (let index = 0; index < labels.length; index++) sum += (scores[index]! - labels[index]!) ** 2;
  return sum / labels.length;
}

/**
 * Reliability curve: mean score against the observed rate per bin; empty bins are left out.
 *
 * @param labels - shape [N], 1 = malignant
 * @param scores - shape [N], in [0, 1]
 * @param options.binCount - ≥ 1; equal-mass bins have the quantiles of the scores as edges, equal scores are never parted
 * @throws {MetricInputError} as `brierScore`; "out-of-range" if binCount < 1
 * @golden golden/scikit-learn/cases.json (calibration_curve)
 */
export function reliabilityCurve(
  labels: Numbers,
  scores: Numbers,
  options: { readonly binCount: number; readonly binning: Binning },
): ReliabilityBin[] {
  assertProbabilities(labels, scores);
  const { binCount, binning } = options;
  if (!Number.isInteger(binCount) || binCount < 1) {
    throw new MetricInputError(
      "out-of-range",
      `A reliability curve needs at least one bin, got ${binCount}.`,
    );
  }
  const sorted = Float64Array.from(scores).sort();
  const edges = Array.from({ length: binCount + 1 }, (_, index) =>
    binning === "equal-width" ? index / binCount : quantileOfSorted(sorted, index / binCount),
  );
  const sums = Array.from({ length: binCount }, () => ({ count: 0, score: 0, label: 0 }));
  for (let index = 0; index < scores.length; index++) {
    let bin = 0;
    while (bin < binCount - 1 && scores[index]! > edges[bin + 1]!) bin++;
    sums[bin]!.count++;
    sums[bin]!.score += scores[index]!;
    sums[bin]!.label += labels[index]!;
  }
  return sums.flatMap(({ count, score, label }, bin) =>
    count === 0
      ? []
      : [
          {
            lower: edges[bin]!,
            upper: edges[bin + 1]!,
            count,
            meanScore: score / count,
            observedRate: label / count,
          },
        ],
  );
}

/**
 * Expected calibration error of a reliability curve; smaller is better, biased upwards in small samples.
 *
 * ECE = Σ_b n_b/N · |mean score − observed rate|
 *
 * @returns in [0, 1]
 * @throws {MetricInputError} "empty" if there is no bin
 * @source Guo et al., ICML (2017), eq. 3
 * @golden golden/scikit-learn/cases.json (from the bins of calibration_curve)
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (total === 0)
    throw new MetricInputError("empty", "The calibration error needs at least one bin, got none.");
  return bins.reduce((sum, bin) => sum + (bin.count / total) * Math.abs(bin.meanScore - bin.observedRate), 0);
}
