import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import paper from "../golden/paper/cases.json" with { type: "json" };
import { confusionMatrix, confusionMetrics } from "./confusion.ts";
import { dip } from "./dip.ts";
import { relativeError } from "./relative-tolerance.ts";

const count = fc.integer({ min: 0, max: 50 });

describe("the paper's golden cases", () => {
  test.each(paper.figure10)("figure 10, $dataset: every metric comes out", ({ matrix, metrics }) => {
    const ours = confusionMetrics(matrix);
    for (const [name, value] of Object.entries(metrics)) {
      const estimate = ours[name as keyof typeof ours];
      expect("value" in estimate && relativeError(estimate.value, value), name).toBeLessThan(1e-12);
    }
  });

  test("table 3, CBIS-DDSM: F1 and DIP follow from precision and recall to the printed digits", () => {
    const row = paper.table3.find((one) => one.dataset === "CBIS-DDSM")!;
    const precision = row.precision / 100;
    const recall = row.recall / 100;
    expect(dip([precision, recall]).toFixed(4)).toBe(row.dip.toFixed(4));
    expect(((200 * precision * recall) / (precision + recall)).toFixed(2)).toBe(row.f1.toFixed(2));
  });

  test.each(paper.table3)(
    "table 3, $dataset: the printed DIP lies within its sd of the means' DIP",
    (row) => {
      expect(Math.abs(dip([row.precision / 100, row.recall / 100]) - row.dip)).toBeLessThanOrEqual(row.dipSd);
    },
  );
});

describe("dip", () => {
  test("of (0.9982, 0.9978) is 0.9980", () => {
    expect(dip([0.9982, 0.9978]).toFixed(4)).toBe("0.9980");
  });

  test.prop([fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 })])(
    "lies between the worst and the best metric and does not depend on their order",
    (metrics) => {
      const value = dip(metrics);
      expect(value).toBeGreaterThanOrEqual(Math.min(...metrics) - 1e-12);
      expect(value).toBeLessThanOrEqual(Math.max(...metrics) + 1e-12);
      expect(dip([...metrics].reverse())).toBeCloseTo(value, 12);
    },
  );

  test("is 1 at the ideal and 0 at its opposite, and refuses nothing, NaN and more than 1", () => {
    expect([dip([1, 1]), dip([0, 0])]).toEqual([1, 0]);
    expect(() => dip([])).toThrow(expect.objectContaining({ code: "empty" }));
    expect(() => dip([Number.NaN])).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => dip([1.01])).toThrow(expect.objectContaining({ code: "out-of-range" }));
  });
});

describe("confusion", () => {
  test("a score equal to the threshold is called malignant", () => {
    expect(confusionMatrix([1, 0, 1, 0], [0.5, 0.5, 0.4, 0.4], 0.5)).toEqual({
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 1,
    });
  });

  test("undefined metrics carry a reason, and F1 is 0 where only mistakes are made", () => {
    const silent = confusionMetrics({
      truePositives: 0,
      falsePositives: 0,
      trueNegatives: 5,
      falseNegatives: 2,
    });
    expect(silent).toEqual({
      accuracy: { value: 5 / 7 },
      sensitivity: { value: 0 },
      specificity: { value: 1 },
      precision: { undefined: "No case is called malignant." },
      negativePredictiveValue: { value: 5 / 7 },
      f1: { value: 0 },
      dip: { undefined: "No case is called malignant." },
    });
    const benign = confusionMetrics({
      truePositives: 0,
      falsePositives: 0,
      trueNegatives: 5,
      falseNegatives: 0,
    });
    expect(benign.sensitivity).toEqual({ undefined: "No case is malignant." });
    expect(benign.f1).toEqual({ undefined: "No case is malignant and none is called malignant." });
  });

  test.prop([count, count, count, count])("no metric is ever NaN or outside [0, 1]", (tp, fp, tn, fn) => {
    fc.pre(tp + fp + tn + fn > 0);
    const metrics = confusionMetrics({
      truePositives: tp,
      falsePositives: fp,
      trueNegatives: tn,
      falseNegatives: fn,
    });
    for (const estimate of Object.values(metrics)) {
      if ("value" in estimate) expect(estimate.value >= 0 && estimate.value <= 1).toBe(true);
      else expect(estimate.undefined).not.toBe("");
    }
  });

  test("refuses negative and fractional counts and an empty matrix", () => {
    const zero = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
    expect(() => confusionMetrics(zero)).toThrow(expect.objectContaining({ code: "empty" }));
    expect(() => confusionMetrics({ ...zero, truePositives: -1 })).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
    expect(() => confusionMetrics({ ...zero, truePositives: 0.5 })).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });
});
