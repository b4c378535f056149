import { describe, expect, test } from "vitest";
import cases from "../golden/scikit-learn/cases.json" with { type: "json" };
import { aucOfCases } from "./auc.ts";
import { averagePrecision, precisionRecallCurve } from "./precision-recall.ts";
import { brierScore, expectedCalibrationError, reliabilityCurve } from "./calibration.ts";
import { confusionMatrix, confusionMetrics } from "./confusion.ts";
import { quantile } from "./quantile.ts";
import { relativeError } from "./relative-tolerance.ts";
import { rocCurve } from "./roc-curve.ts";

function expectSame(actual: readonly number[], expected: readonly number[]) {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(relativeError(value, expected[index]!)).toBeLessThan(1e-12));
}

describe.each(cases)("scikit-learn: $name", (golden) => {
  const { labels, scores } = golden;

  test("AUC and average precision agree", () => {
    expect(relativeError(aucOfCases(labels, scores), golden.auc)).toBeLessThan(1e-12);
    expect(relativeError(averagePrecision(labels, scores), golden.averagePrecision)).toBeLessThan(1e-12);
  });

  test("every ROC point and threshold agrees", () => {
    const points = rocCurve(labels, scores);
    expectSame(
      points.map((point) => point.falsePositiveRate),
      golden.roc.falsePositiveRate,
    );
    expectSame(
      points.map((point) => point.truePositiveRate),
      golden.roc.truePositiveRate,
    );
    expect(points.map((point) => point.threshold)).toEqual([null, ...golden.roc.thresholds]);
  });

  test("every precision–recall point and threshold agrees", () => {
    const points = precisionRecallCurve(labels, scores).reverse();
    expectSame(
      points.map((point) => point.precision),
      golden.precisionRecall.precision,
    );
    expectSame(
      points.map((point) => point.recall),
      golden.precisionRecall.recall,
    );
    expect(points.slice(0, -1).map((point) => point.threshold)).toEqual(golden.precisionRecall.thresholds);
  });

  test("the confusion matrix and its metrics agree", () => {
    const matrix = confusionMatrix(labels, scores, golden.threshold);
    expect(matrix).toEqual(golden.confusion);
    const metrics = confusionMetrics(matrix);
    for (const name of [
      "accuracy",
      "sensitivity",
      "specificity",
      "precision",
      "negativePredictiveValue",
      "f1",
    ] as const) {
      const estimate = metrics[name];
      expectSame(["value" in estimate ? estimate.value : Number.NaN], [golden[name]]);
    }
  });

  test.skipIf(golden.reliability === null)(
    "Brier score, reliability bins and calibration error agree",
    () => {
      expectSame([brierScore(labels, scores)], [golden.brier!]);
      for (const binning of ["equal-width", "equal-mass"] as const) {
        const expected = golden.reliability![binning];
        const bins = reliabilityCurve(labels, scores, { binCount: 10, binning });
        expect(bins.map((bin) => bin.count)).toEqual(expected.counts);
        expectSame(
          bins.map((bin) => bin.meanScore),
          expected.meanScore,
        );
        expectSame(
          bins.map((bin) => bin.observedRate),
          expected.observedRate,
        );
        expect(Math.abs(expectedCalibrationError(bins) - expected.expectedCalibrationError)).toBeLessThan(
          1e-14,
        );
      }
    },
  );

  test("quantiles agree with NumPy's", () => {
    for (const [p, value] of Object.entries(golden.quantiles)) {
      expect(Math.abs(quantile(scores, Number(p)) - value)).toBeLessThan(1e-14);
    }
  });
});
