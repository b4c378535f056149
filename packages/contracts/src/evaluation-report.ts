import { z } from "zod";
import { operatingPointRuleSchema } from "./operating-point.ts";

const undefinedSchema = z.strictObject({ undefined: z.string() });

/** A quantity that the data may leave undefined; the reason is a sentence for people. */
export const pointEstimateSchema = z.union([z.strictObject({ value: z.number() }), undefinedSchema]);
export type PointEstimate = z.infer<typeof pointEstimateSchema>;

export const estimateSchema = z.union([
  z.strictObject({ value: z.number(), lower: z.number(), upper: z.number(), method: z.string() }),
  undefinedSchema,
]);
export type Estimate = z.infer<typeof estimateSchema>;

const count = z.int().min(0);
const rate = z.number().min(0).max(1);

const perConfusionMetric = <TSchema extends z.ZodType>(schema: TSchema) => ({
  accuracy: schema,
  sensitivity: schema,
  specificity: schema,
  precision: schema,
  negativePredictiveValue: schema,
  f1: schema,
  dip: schema,
});

const perMetric = <TSchema extends z.ZodType>(schema: TSchema) => ({
  auc: schema,
  ...perConfusionMetric(schema),
  averagePrecision: schema,
});

export const evaluationLevelSchema = z.enum(["image", "breast", "patient"]);
export type EvaluationLevel = z.infer<typeof evaluationLevelSchema>;

/** How the threshold came about: chosen on the tuning split of all sites together, before the test split was looked at. */
export const operatingPointSchema = z.strictObject({
  rule: operatingPointRuleSchema,
  chosenOn: z.enum(["tuning", "fixed"]),
  threshold: z.number(),
});
export type OperatingPoint = z.infer<typeof operatingPointSchema>;

/** An evaluation as it is stored and shown: what metrics/evaluation-report computes, and its operating point. */
export const evaluationReportSchema = z.strictObject({
  /** What one case is. At level "breast" its score is the highest of its views. */
  level: evaluationLevelSchema,
  threshold: z.number(),
  operatingPoint: operatingPointSchema,
  confidence: z.number().gt(0).lt(1),
  caseCount: count,
  /** Cases left out: their reference standard is a consensus of readers who saw a model's aid. 0 in reports from before. */
  leftOutCount: count.default(0),
  malignantCount: count,
  benignCount: count,
  subjectCount: count,
  malignantSubjectCount: count,
  confusion: z.strictObject({
    truePositives: count,
    falsePositives: count,
    trueNegatives: count,
    falseNegatives: count,
  }),
  metrics: z.strictObject(perMetric(estimateSchema)),
  roc: z.array(
    z.strictObject({
      threshold: z.number().nullable(),
      falsePositiveRate: rate,
      truePositiveRate: rate,
    }),
  ),
  precisionRecall: z.array(
    z.strictObject({ threshold: z.number().nullable(), precision: rate, recall: rate }),
  ),
  calibration: z.union([
    z.strictObject({
      brier: estimateSchema,
      expectedCalibrationError: pointEstimateSchema,
      bins: z.array(
        z.strictObject({
          lower: z.number(),
          upper: z.number(),
          count,
          meanScore: z.number(),
          observedRate: rate,
        }),
      ),
    }),
    undefinedSchema,
  ]),
  prevalenceAdjusted: z
    .strictObject({
      prevalence: rate,
      positivePredictiveValue: pointEstimateSchema,
      negativePredictiveValue: pointEstimateSchema,
    })
    .optional(),
  baselines: z.array(
    z.strictObject({
      name: z.enum(["all-malignant", "all-benign"]),
      metrics: z.strictObject(perConfusionMetric(pointEstimateSchema)),
      auc: pointEstimateSchema,
      brierOfPrevalence: pointEstimateSchema,
    }),
  ),
  bootstrap: z.strictObject({
    seed: z.int(),
    replicates: count,
    oneClassReplicates: count,
    undefinedReplicates: z.strictObject(perMetric(count)),
    strata: z.array(z.strictObject({ name: z.enum(["with-malignant", "benign-only"]), subjectCount: count })),
  }),
});
export type EvaluationReport = z.infer<typeof evaluationReportSchema>;
export type ReportMetricName = keyof EvaluationReport["metrics"];
