import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { aucInterval, delong } from "./delong.ts";
import { clopperPearsonInterval } from "./binomial-interval.ts";
import { createRandom } from "./random.ts";
import { dip } from "./dip.ts";
import {
  evaluateScores,
  reportMetricNames,
  resampleMetrics,
  type EvaluationInput,
} from "./evaluation-report.ts";
import { splitByLabel } from "./auc.ts";

function input(overrides: Partial<EvaluationInput> = {}): EvaluationInput {
  const random = createRandom(8);
  const labels = Array.from({ length: 120 }, (_, index) => (index % 3 === 0 ? 1 : 0) as 0 | 1);
  return {
    labels,
    scores: labels.map((label) => 1 / (1 + Math.exp(-(1.5 * (label - 0.5) + random.normal())))),
    subjectIds: labels.map((_, index) => `subject-${Math.floor(index / 2)}`),
    threshold: 0.5,
    seed: 42,
    bootstrapReplicates: 300,
    level: "image",
    ...overrides,
  };
}

describe("evaluateScores", () => {
  test("counts cases and subjects and gives every metric with interval and method", () => {
    const report = evaluateScores(input());
    expect(report).toMatchObject({
      level: "image",
      caseCount: 120,
      malignantCount: 40,
      benignCount: 80,
      subjectCount: 60,
      malignantSubjectCount: 40,
    });
    for (const name of reportMetricNames) {
      const metric = report.metrics[name];
      expect("value" in metric, name).toBe(true);
      if (!("value" in metric)) continue;
      expect(metric.lower, name).toBeLessThan(metric.value);
      expect(metric.upper, name).toBeGreaterThan(metric.value);
    }
    expect(report.metrics.auc).toMatchObject({
      method: "DeLong, patient-clustered (Obuchowski), logit scale",
    });
    expect(report.metrics.dip).toMatchObject({ method: "patient-clustered bootstrap, percentile" });
  });

  test("survives JSON unchanged", () => {
    const report = evaluateScores(input({ targetPrevalence: 0.006 }));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("repeats by seed", () => {
    expect(evaluateScores(input())).toEqual(evaluateScores(input()));
    expect(evaluateScores(input({ seed: 43 })).metrics.f1).not.toEqual(evaluateScores(input()).metrics.f1);
  });

  test("independent cases get DeLong and exact binomial intervals", () => {
    const cases = input({
      subjectIds: input().labels.map((_, index) => `subject-${index}`),
      level: "patient",
    });
    const report = evaluateScores(cases);
    const { diseased, nonDiseased } = splitByLabel(cases.labels, cases.scores);
    const estimate = delong(diseased, nonDiseased);
    const interval = aucInterval(estimate, { independentPairs: 40 });
    expect(report.metrics.auc).toEqual({
      value: estimate.auc,
      lower: expect.closeTo(interval.lower, 12),
      upper: expect.closeTo(interval.upper, 12),
      method: "DeLong, logit scale",
    });
    expect(report.metrics.sensitivity).toEqual({
      value: report.confusion.truePositives / 40,
      ...clopperPearsonInterval(report.confusion.truePositives, 40),
      method: "exact binomial (Clopper–Pearson)",
    });
  });

  test("a perfect classifier is never certain", () => {
    const { labels } = input();
    const report = evaluateScores(input({ scores: labels.map((label) => 0.1 + 0.8 * label) }));
    for (const name of reportMetricNames) {
      const metric = report.metrics[name];
      expect(metric, name).toMatchObject({ value: 1, upper: 1 });
      expect("value" in metric && metric.lower < 1, name).toBe(true);
    }
    expect(report.metrics.auc).toMatchObject({
      lower: expect.closeTo(0.025 ** (1 / 30), 12),
      method: "exact bound over disjoint pairs of subjects",
    });
    expect(report.metrics.sensitivity).toMatchObject({
      lower: clopperPearsonInterval(40, 40).lower,
      method: "exact binomial (Clopper–Pearson) on 40 subjects",
    });
  });

  test("few subjects get exact bounds on subjects, and DIP their box at half the error each", () => {
    // Six subjects of two images each; sensitivity 3/4, precision 3/4.
    const report = evaluateScores(
      input({
        labels: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        scores: [0.9, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
        subjectIds: ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f"],
      }),
    );
    expect(report.metrics.sensitivity).toEqual({
      value: 0.75,
      ...clopperPearsonInterval(1.5, 2),
      method: "exact binomial (Clopper–Pearson) on 2 subjects",
    });
    const sensitivity = clopperPearsonInterval(1.5, 2, 0.975);
    const precision = clopperPearsonInterval(2.25, 3, 0.975);
    expect(report.metrics.dip).toEqual({
      value: dip([0.75, 0.75]),
      lower: dip([precision.lower, sensitivity.lower]),
      upper: dip([precision.upper, sensitivity.upper]),
      method: "exact bounds of precision and sensitivity on subjects, Bonferroni",
    });
    expect(report.calibration).toMatchObject({ brier: { lower: 0, upper: 1 } });
  });

  test("one class leaves the metrics that need two undefined, with the reason, and the rest defined", () => {
    const benign = input().labels.map(() => 0 as const);
    const report = evaluateScores(input({ labels: benign }));
    expect(report.metrics.auc).toEqual({ undefined: "No case is malignant." });
    expect(report.metrics.sensitivity).toEqual({ undefined: "No case is malignant." });
    expect(report.metrics.dip).toEqual({ undefined: "No case is malignant." });
    expect(report.metrics.specificity).toHaveProperty("value");
    expect(report.roc).toEqual([]);
    expect(report.precisionRecall).toEqual([]);
    expect(report.bootstrap.oneClassReplicates).toBe(300);
  });

  test("a classifier that calls nothing malignant has no precision, and F1 0 over the whole range", () => {
    const report = evaluateScores(input({ threshold: 2 }));
    expect(report.metrics.precision).toEqual({ undefined: "No case is called malignant." });
    expect(report.metrics.dip).toEqual({ undefined: "No case is called malignant." });
    expect(report.metrics.f1).toMatchObject({ value: 0, lower: 0, upper: 1 });
    expect(report.bootstrap.undefinedReplicates.precision).toBe(300);
  });

  test("constant scores give AUC ½ over the whole range", () => {
    const report = evaluateScores(input({ scores: input().labels.map(() => 0.7) }));
    expect(report.metrics.auc).toMatchObject({ value: 0.5, lower: 0, upper: 1 });
  });

  test("scores off [0, 1] keep their ranking metrics and lose calibration", () => {
    const report = evaluateScores(
      input({ scores: input().scores.map((score) => 10 * score - 5), threshold: 0 }),
    );
    expect(report.calibration).toEqual({ undefined: "Scores are not all in [0, 1]." });
    expect(report.metrics.auc).toEqual(evaluateScores(input()).metrics.auc);
  });

  test("curves are thinned to 200 points", () => {
    const random = createRandom(4);
    const labels = Array.from({ length: 3000 }, () => random.nextInt(2) as 0 | 1);
    const scores = labels.map((label) => (random.next() + 0.3 * label) / 1.3);
    const report = evaluateScores(
      input({ labels, scores, subjectIds: labels.map((_, index) => `${index}`), bootstrapReplicates: 10 }),
    );
    expect(report.roc.length).toBe(200);
    expect(report.precisionRecall.length).toBe(200);
  });

  test("baselines are what the prevalence alone gives", () => {
    const { baselines } = evaluateScores(input());
    expect(
      baselines.map((baseline) => [baseline.name, baseline.metrics.accuracy, baseline.metrics.sensitivity]),
    ).toEqual([
      ["all-malignant", { value: 1 / 3 }, { value: 1 }],
      ["all-benign", { value: 2 / 3 }, { value: 0 }],
    ]);
    expect(baselines[0]).toMatchObject({
      auc: { value: 0.5 },
      brierOfPrevalence: { value: expect.closeTo(2 / 9, 12) },
    });
  });

  test("predictive values follow the target prevalence", () => {
    const report = evaluateScores(input({ targetPrevalence: 1 / 3 }));
    const { precision, negativePredictiveValue } = report.metrics;
    expect(report.prevalenceAdjusted).toEqual({
      prevalence: 1 / 3,
      positivePredictiveValue: { value: expect.closeTo("value" in precision ? precision.value : -1, 12) },
      negativePredictiveValue: {
        value: expect.closeTo("value" in negativePredictiveValue ? negativePredictiveValue.value : -1, 12),
      },
    });
  });

  test("resampleMetrics gives the replicates behind the report", () => {
    const { replicates } = resampleMetrics(input());
    expect(replicates.dip).toHaveLength(300);
    expect(replicates.auc.every((value) => value !== undefined)).toBe(true);
  });

  test("refuses two rows of a subject at patient level, other lengths, no case and no replicate", () => {
    expect(() => evaluateScores(input({ level: "patient" }))).toThrow(
      expect.objectContaining({ code: "duplicate-subject" }),
    );
    expect(() => evaluateScores(input({ subjectIds: ["a"] }))).toThrow(
      expect.objectContaining({ code: "length-mismatch" }),
    );
    expect(() => evaluateScores(input({ labels: [], scores: [], subjectIds: [] }))).toThrow(
      expect.objectContaining({ code: "empty" }),
    );
    expect(() => evaluateScores(input({ bootstrapReplicates: 0 }))).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });

  const anyCase = fc.tuple(
    fc.integer({ min: 0, max: 1 }),
    fc.integer({ min: 0, max: 10 }),
    fc.integer({ min: 0, max: 6 }),
  );

  test.prop([fc.array(anyCase, { minLength: 1, maxLength: 40 })], { numRuns: 60 })(
    "whatever the cohort, a metric is a reason or an interval around its value inside [0, 1]",
    (rows) => {
      const report = evaluateScores(
        input({
          labels: rows.map(([label]) => label as 0 | 1),
          scores: rows.map(([, score]) => score / 10),
          subjectIds: rows.map(([, , subject]) => `subject-${subject}`),
          bootstrapReplicates: 40,
        }),
      );
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      for (const metric of Object.values(report.metrics)) {
        if ("undefined" in metric) continue;
        expect(metric.lower >= 0 && metric.upper <= 1 && metric.lower < metric.upper).toBe(true);
        if (!metric.method.startsWith("patient-clustered bootstrap")) {
          expect(metric.lower <= metric.value && metric.value <= metric.upper).toBe(true);
        }
      }
    },
  );
});
