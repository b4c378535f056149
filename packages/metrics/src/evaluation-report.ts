import { aucOfCases } from "./auc.ts";
import {
  aucEstimate,
  bootstrappedEstimate,
  compositeEstimate,
  proportionEstimate,
} from "./report-intervals.ts";
import {
  assertLabelledScores,
  assertOpenUnitInterval,
  assertSameLength,
  type BinaryLabel,
} from "./input-assertions.ts";
import { averagePrecision, precisionRecallCurve, type PrecisionRecallPoint } from "./precision-recall.ts";
import {
  brierScore,
  expectedCalibrationError,
  reliabilityCurve,
  type ReliabilityBin,
} from "./calibration.ts";
import { clusterBootstrap, type ClusterBootstrap } from "./cluster-bootstrap.ts";
import { confusionMatrix, confusionMetrics, type ConfusionMatrix } from "./confusion.ts";
import { defaultConfidence, isDefined, type Estimate, type PointEstimate } from "./estimate.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { predictiveValues } from "./prevalence.ts";
import { prevalenceBaselines, type Baseline } from "./prevalence-baselines.ts";
import { resampledBrier, resampledConfusion, resampledRanking } from "./resampled-statistics.ts";
import { rocCurve, thinEvenly, thinRocCurve, type RocPoint } from "./roc-curve.ts";

export type EvaluationLevel = "image" | "breast" | "patient";

/** In the order in which they are shown. */
export const reportMetricNames = [
  "auc",
  "accuracy",
  "sensitivity",
  "specificity",
  "precision",
  "negativePredictiveValue",
  "f1",
  "dip",
  "averagePrecision",
] as const;
export type ReportMetricName = (typeof reportMetricNames)[number];

export interface EvaluationInput {
  /** Shape [N], 1 = malignant. */
  readonly labels: readonly BinaryLabel[];
  /** Shape [N], finite; larger = more suspicious. */
  readonly scores: readonly number[];
  /** Shape [N]; the subject of each case, the unit of resampling. */
  readonly subjectIds: readonly string[];
  /** A case is called malignant where score ≥ threshold. */
  readonly threshold: number;
  readonly seed: number;
  readonly bootstrapReplicates: number;
  /** What one row is; rows of level "patient" need distinct subjects. */
  readonly level: EvaluationLevel;
  /** Two-sided; 0.95 if left out. */
  readonly confidence?: number;
  /** Prevalence of the population for which predictive values are wanted besides the cohort's. */
  readonly targetPrevalence?: number;
}

export interface CalibrationReport {
  readonly brier: Estimate;
  readonly expectedCalibrationError: PointEstimate;
  readonly bins: readonly ReliabilityBin[];
}

export interface PrevalenceAdjustedReport {
  readonly prevalence: number;
  readonly positivePredictiveValue: PointEstimate;
  readonly negativePredictiveValue: PointEstimate;
}

export interface EvaluationReport {
  readonly level: EvaluationLevel;
  readonly threshold: number;
  readonly confidence: number;
  readonly caseCount: number;
  readonly malignantCount: number;
  readonly benignCount: number;
  readonly subjectCount: number;
  readonly malignantSubjectCount: number;
  readonly confusion: ConfusionMatrix;
  readonly metrics: Readonly<Record<ReportMetricName, Estimate>>;
  /** At most 200 points; empty where the cohort has one class. */
  readonly roc: readonly RocPoint[];
  /** At most 200 points; empty where no case is malignant. */
  readonly precisionRecall: readonly PrecisionRecallPoint[];
  /** Undefined where scores are not in [0, 1]. */
  readonly calibration: CalibrationReport | { readonly undefined: string };
  readonly prevalenceAdjusted?: PrevalenceAdjustedReport;
  readonly baselines: readonly Baseline[];
  readonly bootstrap: {
    readonly seed: number;
    readonly replicates: number;
    readonly oneClassReplicates: number;
    readonly undefinedReplicates: Readonly<Record<ReportMetricName, number>>;
    readonly strata: ClusterBootstrap<ReportMetricName>["strata"];
  };
}

const curvePointLimit = 200;
const calibrationBinCount = 10;

/**
 * Everything that is shown of an evaluation, as plain JSON: metrics with intervals, curves, calibration, baselines.
 *
 * @param input - one row a case; see its fields
 * @returns each metric with its interval and method, or the reason why the cohort leaves it undefined
 * @throws {MetricInputError} "empty", "length-mismatch", "label-invalid", "not-finite", "out-of-range";
 *   "duplicate-subject" at level "patient"
 * @complexity O(N log N + bootstrapReplicates · N) time
 */
export function evaluateScores(input: EvaluationInput): EvaluationReport {
  const { labels, scores, subjectIds, threshold, level } = input;
  const confidence = input.confidence ?? defaultConfidence;
  assertEvaluationInput(input);
  const confusion = confusionMatrix(labels, scores, threshold);
  const points = confusionMetrics(confusion);
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  const subjects = (isCounted: (index: number) => boolean) =>
    new Set(subjectIds.filter((_, index) => isCounted(index))).size;
  const isMalignant = (index: number) => labels[index] === 1;
  const isCalled = (index: number) => scores[index]! >= threshold;
  const subjectCount = new Set(subjectIds).size;
  const malignantSubjectCount = subjects(isMalignant);
  const context = { isIndependent: subjectCount === labels.length, confidence };
  const bootstrap = resampleMetrics(input);
  const { replicates } = bootstrap;

  const proportions = {
    accuracy: { successes: tp + tn, trials: labels.length, subjectCount },
    sensitivity: { successes: tp, trials: tp + fn, subjectCount: malignantSubjectCount },
    specificity: { successes: tn, trials: tn + fp, subjectCount: subjects((index) => !isMalignant(index)) },
    precision: { successes: tp, trials: tp + fp, subjectCount: subjects(isCalled) },
    negativePredictiveValue: {
      successes: tn,
      trials: tn + fn,
      subjectCount: subjects((index) => !isCalled(index)),
    },
  };
  const proportion = (name: keyof typeof proportions) => {
    const point = points[name];
    return proportionEstimate(
      proportions[name],
      replicates[name],
      isDefined(point) ? "" : point.undefined,
      context,
    );
  };
  const composite = (name: "f1" | "dip") =>
    compositeEstimate(
      name,
      points[name],
      {
        precision: proportions.precision,
        sensitivity: proportions.sensitivity,
        replicates: replicates[name],
      },
      context,
    );
  const hasMalignant = tp + fn > 0;
  const hasBothClasses = hasMalignant && tn + fp > 0;
  const aucPoint = hasBothClasses
    ? { value: aucOfCases(labels, scores) }
    : { undefined: hasMalignant ? "No case is benign." : "No case is malignant." };
  const averagePrecisionPoint = hasMalignant
    ? { value: averagePrecision(labels, scores) }
    : { undefined: "No case is malignant." };

  return {
    level,
    threshold,
    confidence,
    caseCount: labels.length,
    malignantCount: tp + fn,
    benignCount: tn + fp,
    subjectCount,
    malignantSubjectCount,
    confusion,
    metrics: {
      auc: aucEstimate(input, aucPoint, context),
      accuracy: proportion("accuracy"),
      sensitivity: proportion("sensitivity"),
      specificity: proportion("specificity"),
      precision: proportion("precision"),
      negativePredictiveValue: proportion("negativePredictiveValue"),
      f1: composite("f1"),
      dip: composite("dip"),
      averagePrecision: bootstrappedEstimate(
        averagePrecisionPoint,
        replicates.averagePrecision,
        malignantSubjectCount,
        confidence,
      ),
    },
    roc: hasBothClasses ? thinRocCurve(rocCurve(labels, scores), curvePointLimit) : [],
    precisionRecall: hasMalignant
      ? thinEvenly(precisionRecallCurve(labels, scores), curvePointLimit, (point) => point.recall)
      : [],
    calibration: calibrationReport(input, replicates.brier, { subjectCount, confidence }),
    ...(input.targetPrevalence === undefined
      ? {}
      : { prevalenceAdjusted: prevalenceAdjusted(points, input.targetPrevalence) }),
    baselines: prevalenceBaselines(tp + fn, tn + fp),
    bootstrap: {
      seed: input.seed,
      replicates: input.bootstrapReplicates,
      oneClassReplicates: bootstrap.oneClassReplicates,
      undefinedReplicates: mapMetrics(
        (name) => replicates[name].filter((value) => value === undefined).length,
      ),
      strata: bootstrap.strata,
    },
  };
}

/** The report's bootstrap itself, for leaderboards and differences: same input, same replicates. */
export function resampleMetrics(input: EvaluationInput): ClusterBootstrap<ReportMetricName | "brier"> {
  assertEvaluationInput(input);
  const { labels, scores, subjectIds, threshold, bootstrapReplicates, seed } = input;
  const ranking = resampledRanking(labels, scores);
  const confusion = resampledConfusion(labels, scores, threshold);
  const brier = resampledBrier(labels, scores);
  return clusterBootstrap({
    labels,
    clusterIds: subjectIds,
    replicates: bootstrapReplicates,
    seed,
    statistics: (multiplicity) => {
      const points = confusionMetrics(confusion(multiplicity));
      const value = (point: PointEstimate) => (isDefined(point) ? point.value : undefined);
      return {
        ...ranking(multiplicity),
        accuracy: value(points.accuracy),
        sensitivity: value(points.sensitivity),
        specificity: value(points.specificity),
        precision: value(points.precision),
        negativePredictiveValue: value(points.negativePredictiveValue),
        f1: value(points.f1),
        dip: value(points.dip),
        brier: brier(multiplicity),
      };
    },
  });
}

function assertEvaluationInput(input: EvaluationInput): void {
  assertLabelledScores(input.labels, input.scores);
  assertSameLength("subject ids", input.subjectIds, input.labels.length);
  assertOpenUnitInterval("confidence", input.confidence ?? defaultConfidence);
  if (input.targetPrevalence !== undefined)
    assertOpenUnitInterval("targetPrevalence", input.targetPrevalence);
  if (input.level === "patient" && new Set(input.subjectIds).size !== input.subjectIds.length) {
    throw new MetricInputError(
      "duplicate-subject",
      `At level "patient" each subject has one row, got ${input.subjectIds.length} rows of ${new Set(input.subjectIds).size} subjects.`,
    );
  }
}

function calibrationReport(
  input: EvaluationInput,
  brierReplicates: readonly (number | undefined)[],
  context: { readonly subjectCount: number; readonly confidence: number },
): CalibrationReport | { readonly undefined: string } {
  const { labels, scores } = input;
  if (scores.some((score) => score < 0 || score > 1)) return { undefined: "Scores are not all in [0, 1]." };
  const bins = reliabilityCurve(labels, scores, { binCount: calibrationBinCount, binning: "equal-width" });
  return {
    brier: bootstrappedEstimate(
      { value: brierScore(labels, scores) },
      brierReplicates,
      context.subjectCount,
      context.confidence,
    ),
    expectedCalibrationError: { value: expectedCalibrationError(bins) },
    bins,
  };
}

function prevalenceAdjusted(
  points: { readonly sensitivity: PointEstimate; readonly specificity: PointEstimate },
  prevalence: number,
): PrevalenceAdjustedReport {
  const { sensitivity, specificity } = points;
  if (!isDefined(sensitivity) || !isDefined(specificity)) {
    const reason = { undefined: "Sensitivity or specificity is undefined." };
    return { prevalence, positivePredictiveValue: reason, negativePredictiveValue: reason };
  }
  const values = predictiveValues({
    sensitivity: sensitivity.value,
    specificity: specificity.value,
    prevalence,
  });
  return { prevalence, positivePredictiveValue: values.positive, negativePredictiveValue: values.negative };
}

function mapMetrics(toCount: (name: ReportMetricName) => number): Record<ReportMetricName, number> {
  return Object.fromEntries(reportMetricNames.map((name) => [name, toCount(name)])) as Record<
    ReportMetricName,
    number
  >;
}
