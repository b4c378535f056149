import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { aucOfCases } from "./auc.ts";
import { averagePrecision, precisionRecallCurve } from "./precision-recall.ts";
import { chooseOperatingPoint } from "./operating-point.ts";
import { confusionMatrix } from "./confusion.ts";
import { predictiveValues } from "./prevalence.ts";
import { rocCurve, thinEvenly, thinRocCurve } from "./roc-curve.ts";

const cases = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 20 })), {
    minLength: 2,
    maxLength: 80,
  })
  .filter((rows) => new Set(rows.map(([label]) => label)).size === 2)
  .map((rows) => ({ labels: rows.map(([label]) => label), scores: rows.map(([, score]) => score / 20) }));

function trapezoid(points: readonly { falsePositiveRate: number; truePositiveRate: number }[]): number {
  let area = 0;
  for (let index = 1; index < points.length; index++) {
    const before = points[index - 1]!;
    const after = points[index]!;
    area +=
      ((after.falsePositiveRate - before.falsePositiveRate) *
        (after.truePositiveRate + before.truePositiveRate)) /
      2;
  }
  return area;
}

describe("rocCurve", () => {
  test.prop([cases])("has the empirical AUC as its trapezoid area", ({ labels, scores }) => {
    expect(trapezoid(rocCurve(labels, scores))).toBeCloseTo(aucOfCases(labels, scores), 12);
  });

  test.prop([cases])("each point is the confusion matrix at its threshold", ({ labels, scores }) => {
    for (const point of rocCurve(labels, scores)) {
      if (point.threshold === null) continue;
      const matrix = confusionMatrix(labels, scores, point.threshold);
      expect(point.truePositiveRate).toBe(
        matrix.truePositives / (matrix.truePositives + matrix.falseNegatives),
      );
      expect(point.falsePositiveRate).toBe(
        matrix.falsePositives / (matrix.falsePositives + matrix.trueNegatives),
      );
    }
  });

  test.prop([cases])("dropping collinear points keeps the area", ({ labels, scores }) => {
    const points = rocCurve(labels, scores);
    expect(trapezoid(thinRocCurve(points, 1000))).toBeCloseTo(trapezoid(points), 12);
  });

  test.prop([cases, fc.integer({ min: 2, max: 12 })])(
    "thins to the limit and keeps both ends",
    ({ labels, scores }, limit) => {
      const points = rocCurve(labels, scores);
      const thinned = thinRocCurve(points, limit);
      expect(thinned.length).toBeLessThanOrEqual(limit);
      expect(thinned[0]).toEqual(points[0]);
      expect(thinned[thinned.length - 1]).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
      expect(new Set(thinned).size).toBe(thinned.length);
    },
  );

  test("thinEvenly keeps exactly the limit from a longer list", () => {
    const items = Array.from({ length: 1000 }, (_, index) => index ** 3);
    const kept = thinEvenly(items, 200, (item) => item);
    expect(kept).toHaveLength(200);
    expect([kept[0], kept[199]]).toEqual([0, 999 ** 3]);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });

  test("refuses one class and a limit below 2", () => {
    expect(() => rocCurve([1, 1], [1, 2])).toThrow(expect.objectContaining({ code: "one-class" }));
    expect(() => thinRocCurve([], 1)).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => precisionRecallCurve([0, 0], [1, 2])).toThrow(
      expect.objectContaining({ code: "one-class" }),
    );
  });
});

describe("averagePrecision", () => {
  test.prop([cases])("of a constant score is the prevalence", ({ labels }) => {
    const prevalence = labels.filter((label) => label === 1).length / labels.length;
    expect(
      averagePrecision(
        labels,
        labels.map(() => 0.3),
      ),
    ).toBeCloseTo(prevalence, 14);
  });
});

describe("chooseOperatingPoint", () => {
  const choose = (
    labels: number[],
    scores: number[],
    rule: Parameters<typeof chooseOperatingPoint>[2]["rule"],
  ) => chooseOperatingPoint(labels, scores, { rule, chosenOn: "tuning" });

  test.prop([cases])("Youden's point has the largest index of all thresholds", ({ labels, scores }) => {
    const point = choose(labels, scores, { kind: "youden" });
    for (const other of rocCurve(labels, scores)) {
      if (other.threshold === null) continue;
      expect(point.sensitivity + point.specificity).toBeGreaterThanOrEqual(
        other.truePositiveRate + 1 - other.falsePositiveRate - 1e-12,
      );
    }
  });

  test.prop([cases, fc.double({ min: 0, max: 1, noNaN: true })])(
    "the target-sensitivity point reaches its target, and the next higher threshold does not",
    ({ labels, scores }, target) => {
      const point = choose(labels, scores, { kind: "target-sensitivity", target });
      expect(point.sensitivity).toBeGreaterThanOrEqual(target);
      const higher = rocCurve(labels, scores).filter(
        (one) => one.threshold !== null && one.threshold > point.threshold,
      );
      for (const one of higher) expect(one.truePositiveRate).toBeLessThan(target);
    },
  );

  test("prefers sensitivity where Youden ties, and says rule and cohort", () => {
    expect(choose([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], { kind: "youden" })).toEqual({
      threshold: 0.2,
      rule: { kind: "youden" },
      chosenOn: "tuning",
      sensitivity: 1,
      specificity: 0.5,
    });
  });

  test("target specificity takes the lowest threshold that reaches it", () => {
    const labels = [0, 0, 0, 0, 1, 1];
    const scores = [0.1, 0.2, 0.3, 0.7, 0.6, 0.9];
    expect(choose(labels, scores, { kind: "target-specificity", target: 0.75 })).toMatchObject({
      threshold: 0.6,
      sensitivity: 1,
      specificity: 0.75,
    });
    expect(choose(labels, scores, { kind: "target-specificity", target: 1 }).threshold).toBe(0.9);
  });

  test("refuses one class and a target above 1", () => {
    expect(() => choose([1, 1], [0, 1], { kind: "youden" })).toThrow(
      expect.objectContaining({ code: "one-class" }),
    );
    expect(() => choose([0, 1], [0, 1], { kind: "target-sensitivity", target: 1.5 })).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });
});

describe("predictiveValues", () => {
  test("at screening prevalence follows Bayes' rule", () => {
    const { positive, negative } = predictiveValues({
      sensitivity: 0.9,
      specificity: 0.95,
      prevalence: 0.006,
    });
    expect(positive).toEqual({ value: expect.closeTo(0.0054 / (0.0054 + 0.05 * 0.994), 12) });
    expect(negative).toEqual({ value: expect.closeTo((0.95 * 0.994) / (0.95 * 0.994 + 0.1 * 0.006), 12) });
  });

  test("has a reason where nobody is called malignant", () => {
    expect(predictiveValues({ sensitivity: 0, specificity: 1, prevalence: 0.1 }).positive).toEqual({
      undefined: "Nobody would be called malignant.",
    });
  });
});
