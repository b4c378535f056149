import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { brierScore, expectedCalibrationError, reliabilityCurve } from "./calibration.ts";
import { quantile } from "./quantile.ts";
import { summarise } from "./summary.ts";

const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 100 })), {
  minLength: 1,
  maxLength: 100,
});

describe("calibration", () => {
  test.prop([rows, fc.constantFrom("equal-width" as const, "equal-mass" as const)])(
    "every case falls in one bin that holds its score",
    (cases, binning) => {
      const labels = cases.map(([label]) => label);
      const scores = cases.map(([, score]) => score / 100);
      const bins = reliabilityCurve(labels, scores, { binCount: 10, binning });
      expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(cases.length);
      const total = bins.reduce((sum, bin) => sum + bin.count * bin.observedRate, 0);
      expect(total).toBeCloseTo(labels.filter((label) => label === 1).length, 10);
      for (const bin of bins) {
        expect(bin.meanScore).toBeGreaterThanOrEqual(bin.lower - 1e-12);
        expect(bin.meanScore).toBeLessThanOrEqual(bin.upper + 1e-12);
      }
      const error = expectedCalibrationError(bins);
      expect(error >= 0 && error <= 1).toBe(true);
    },
  );

  test("a score that is the label has Brier score and calibration error 0; its opposite has 1", () => {
    expect([brierScore([0, 1], [0, 1]), brierScore([0, 1], [1, 0])]).toEqual([0, 1]);
    const bins = reliabilityCurve([0, 1], [0, 1], { binCount: 5, binning: "equal-width" });
    expect(expectedCalibrationError(bins)).toBe(0);
  });

  test("refuses scores that are no probabilities", () => {
    expect(() => brierScore([0, 1], [0.2, 1.2])).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => reliabilityCurve([0], [0.5], { binCount: 0, binning: "equal-width" })).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
    expect(() => expectedCalibrationError([])).toThrow(expect.objectContaining({ code: "empty" }));
  });
});

describe("summarise", () => {
  test("gives mean and sample standard deviation, and no spread of a single run", () => {
    expect(summarise([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      count: 8,
      mean: 5,
      standardDeviation: expect.closeTo(Math.sqrt(32 / 7), 12),
    });
    expect(summarise([3])).toEqual({ count: 1, mean: 3, standardDeviation: null });
  });

  test("refuses nothing and NaN", () => {
    expect(() => summarise([])).toThrow(expect.objectContaining({ code: "empty" }));
    expect(() => summarise([1, Number.NaN])).toThrow(expect.objectContaining({ code: "not-finite" }));
    expect(() => quantile([], 0.5)).toThrow(expect.objectContaining({ code: "empty" }));
  });
});
