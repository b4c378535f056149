/** Which interval a metric of the evaluation report gets; every choice is named in `method`. */
import { aucInterval } from "./delong.ts";
import { clopperPearsonInterval } from "./binomial-interval.ts";
import { clusteredDelong } from "./clustered-delong.ts";
import { dip } from "./dip.ts";
import { isDefined, ratio, type Estimate, type Interval, type PointEstimate } from "./estimate.ts";
import { isMetricInputError } from "./metric-input-error.ts";
import { percentileInterval, type Replicates } from "./cluster-bootstrap.ts";
import type { Numbers } from "./input-assertions.ts";

/** Below this number of subjects exact bounds are used: with 10 the percentile bootstrap covered 90 % for a nominal 95 %. */
export const minimumBootstrapSubjects = 20;

const bootstrapMethod = "patient-clustered bootstrap, percentile";

export interface Proportion {
  readonly successes: number;
  readonly trials: number;
  /** Subjects that have a case in the denominator. */
  readonly subjectCount: number;
}

export interface IntervalContext {
  /** Every subject has one case. */
  readonly isIndependent: boolean;
  readonly confidence: number;
}

/**
 * A proportion: exact binomial where cases are independent; else the clustered bootstrap; else, where that has too few
 * subjects or does not vary, exact binomial with the subjects as trials (conservative: a subject counts once).
 */
export function proportionEstimate(
  proportion: Proportion,
  replicates: Replicates,
  reason: string,
  context: IntervalContext,
): Estimate {
  const point = ratio(proportion.successes, proportion.trials, reason);
  if (!isDefined(point)) return point;
  if (context.isIndependent) {
    const interval = clopperPearsonInterval(proportion.successes, proportion.trials, context.confidence);
    return { value: point.value, ...interval, method: "exact binomial (Clopper–Pearson)" };
  }
  const bootstrapped =
    proportion.subjectCount < minimumBootstrapSubjects
      ? undefined
      : bootstrapEstimate(point.value, replicates, context.confidence);
  if (bootstrapped !== undefined) return bootstrapped;
  return {
    value: point.value,
    ...exactOnSubjects(proportion, context.confidence),
    method: `exact binomial (Clopper–Pearson) on ${proportion.subjectCount} subjects`,
  };
}

function exactOnSubjects(proportion: Proportion, confidence: number): Interval {
  const share = proportion.successes / proportion.trials;
  return clopperPearsonInterval(share * proportion.subjectCount, proportion.subjectCount, confidence);
}

/** Undefined where too many resamples have no value, or none differs: such an interval would claim certainty. */
function bootstrapEstimate(value: number, replicates: Replicates, confidence: number): Estimate | undefined {
  const defined = replicates.filter((replicate) => replicate !== undefined);
  if (defined.length < 0.9 * replicates.length) return undefined;
  const { lower, upper, undefinedReplicates } = percentileInterval(replicates, confidence);
  if (lower === upper) return undefined;
  const left = undefinedReplicates === 0 ? "" : `, ${undefinedReplicates} of ${replicates.length} undefined`;
  return { value, lower, upper, method: bootstrapMethod + left };
}

/**
 * F1 or DIP: clustered bootstrap; else the value at the corners of the box of exact bounds of precision and sensitivity,
 * each at half the error (both grow with either).
 */
export function compositeEstimate(
  metric: "f1" | "dip",
  point: PointEstimate,
  parts: {
    readonly precision: Proportion;
    readonly sensitivity: Proportion;
    readonly replicates: Replicates;
  },
  context: IntervalContext,
): Estimate {
  if (!isDefined(point)) return point;
  const { precision, sensitivity, replicates } = parts;
  if (Math.min(precision.subjectCount, sensitivity.subjectCount) >= minimumBootstrapSubjects) {
    const bootstrapped = bootstrapEstimate(point.value, replicates, context.confidence);
    if (bootstrapped !== undefined) return bootstrapped;
  }
  if (precision.trials === 0 || sensitivity.trials === 0) {
    return wholeRange(point.value, "precision or sensitivity is undefined");
  }
  const each = (1 + context.confidence) / 2;
  const precisionBounds = exactOnSubjects(precision, each);
  const sensitivityBounds = exactOnSubjects(sensitivity, each);
  const combine = metric === "dip" ? (p: number, r: number) => dip([p, r]) : harmonicMean;
  return {
    value: point.value,
    lower: combine(precisionBounds.lower, sensitivityBounds.lower),
    upper: combine(precisionBounds.upper, sensitivityBounds.upper),
    method: "exact bounds of precision and sensitivity on subjects, Bonferroni",
  };
}

function harmonicMean(first: number, second: number): number {
  return first + second === 0 ? 0 : (2 * first * second) / (first + second);
}

export function aucEstimate(
  cases: { readonly labels: Numbers; readonly scores: Numbers; readonly subjectIds: readonly string[] },
  value: PointEstimate,
  context: IntervalContext,
): Estimate {
  if (!isDefined(value)) return value;
  try {
    const estimate = clusteredDelong(cases.labels, cases.scores, cases.subjectIds);
    const interval = aucInterval(estimate, estimateOptions(estimate.independentPairs, context));
    const variance = context.isIndependent ? "DeLong" : "DeLong, patient-clustered (Obuchowski)";
    const isExact = estimate.auc === 0 || estimate.auc === 1;
    return {
      value: value.value,
      ...interval,
      method: isExact ? "exact bound over disjoint pairs of subjects" : `${variance}, logit scale`,
    };
  } catch (error) {
    if (!isMetricInputError(error)) throw error;
    return wholeRange(value.value, error.message);
  }
}

function estimateOptions(independentPairs: number, context: IntervalContext) {
  return { independentPairs, confidence: context.confidence };
}

/** A quantity in [0, 1] without a closed-form fallback. */
export function bootstrappedEstimate(
  point: PointEstimate,
  replicates: Replicates,
  subjectCount: number,
  confidence: number,
): Estimate {
  if (!isDefined(point)) return point;
  if (subjectCount < minimumBootstrapSubjects) {
    return wholeRange(point.value, `${subjectCount} subjects are too few for a bootstrap`);
  }
  return (
    bootstrapEstimate(point.value, replicates, confidence) ?? wholeRange(point.value, "resamples do not vary")
  );
}

/** [0, 1] surely holds the quantity; the method says why nothing narrower is claimed. */
function wholeRange(value: number, reason: string): Estimate {
  return { value, lower: 0, upper: 1, method: `whole range: ${reason}` };
}
