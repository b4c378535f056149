import { describe, expect, test } from "vitest";
import golden from "../golden/f-distribution/cases.json" with { type: "json" };
import {
  chiSquareUpperTail,
  fUpperQuantile,
  fUpperTail,
  noncentralFUpperTail,
  studentCriticalValue,
  studentTwoSidedPValue,
} from "./f-distribution.ts";
import { normalQuantile } from "./normal-distribution.ts";
import { relativeError } from "./relative-tolerance.ts";

describe("t, F and χ² distributions", () => {
  test("tails and quantiles agree with scipy", () => {
    for (const { f, numeratorDf, denominatorDf, value } of golden.fUpperTail) {
      expect(relativeError(fUpperTail(f, numeratorDf, denominatorDf), value)).toBeLessThan(1e-10);
    }
    for (const { upperTail, numeratorDf, denominatorDf, value } of golden.fUpperQuantile) {
      expect(relativeError(fUpperQuantile(upperTail, numeratorDf, denominatorDf), value)).toBeLessThan(1e-10);
    }
    for (const { t, df, value } of golden.studentTwoSidedPValue) {
      expect(relativeError(studentTwoSidedPValue(t, df), value)).toBeLessThan(1e-10);
    }
    for (const { confidence, df, value } of golden.studentCriticalValue) {
      const critical = studentCriticalValue(confidence, df);
      expect(relativeError(critical, value)).toBeLessThan(1e-8);
      expect(relativeError(studentTwoSidedPValue(critical, df), 1 - confidence)).toBeLessThan(1e-11);
    }
    for (const { x, df, value } of golden.chiSquareUpperTail) {
      expect(relativeError(chiSquareUpperTail(x, df), value)).toBeLessThan(1e-10);
    }
  });

  test("the noncentral F tail agrees with scipy", () => {
    for (const { f, numerator, denominator, noncentrality, value } of golden.noncentralFUpperTail) {
      expect(
        Math.abs(noncentralFUpperTail(f, { numerator, denominator }, noncentrality) - value),
      ).toBeLessThan(1e-9);
    }
  });

  test("infinite degrees of freedom give the normal and the χ² distribution", () => {
    expect(studentCriticalValue(0.95, Infinity)).toBe(normalQuantile(0.975));
    expect(fUpperTail(3.2, 4, Infinity)).toBe(chiSquareUpperTail(12.8, 4));
    expect(relativeError(fUpperTail(3.2, 4, 1e9), chiSquareUpperTail(12.8, 4))).toBeLessThan(1e-7);
  });

  test("refuses degrees of freedom and values that no distribution has", () => {
    const outOfRange = expect.objectContaining({ code: "out-of-range" });
    expect(() => fUpperTail(-1, 1, 3)).toThrow(outOfRange);
    expect(() => fUpperTail(1, 0, 3)).toThrow(outOfRange);
    expect(() => fUpperQuantile(0, 1, 3)).toThrow(outOfRange);
    expect(() => studentTwoSidedPValue(1, Number.NaN)).toThrow(outOfRange);
    expect(() => chiSquareUpperTail(1, 1.5)).toThrow(outOfRange);
    expect(() => noncentralFUpperTail(1, { numerator: 1, denominator: 3 }, -1)).toThrow(outOfRange);
  });
});
