import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import binomial from "../golden/binomial/cases.json" with { type: "json" };
import distributions from "../golden/distributions/cases.json" with { type: "json" };
import { betaQuantile, regularisedIncompleteBeta } from "./incomplete-beta.ts";
import { clopperPearsonInterval, wilsonInterval } from "./binomial-interval.ts";
import { normalCdf, normalQuantile, twoSidedPValue } from "./normal-distribution.ts";
import { relativeError } from "./relative-tolerance.ts";

describe("distributions", () => {
  test("the normal distribution agrees with scipy", () => {
    for (const { z, value } of distributions.normalCdf) {
      expect(relativeError(normalCdf(z), value), `z = ${z}`).toBeLessThan(1e-12);
    }
    for (const { p, value } of distributions.normalQuantile) {
      expect(Math.abs(normalQuantile(p) - value), `p = ${p}`).toBeLessThan(
        1e-14 * Math.max(1, Math.abs(value)),
      );
    }
    expect(twoSidedPValue(1.959963984540054)).toBeCloseTo(0.05, 14);
  });

  test("the incomplete beta function and its inverse agree with scipy", () => {
    for (const { x, a, b, value } of distributions.regularisedIncompleteBeta) {
      const tolerance = a + b > 500 ? 1e-10 : 1e-12;
      expect(relativeError(regularisedIncompleteBeta(x, a, b), value), `I(${x}; ${a}, ${b})`).toBeLessThan(
        tolerance,
      );
    }
    for (const { p, a, b, value } of distributions.betaQuantile) {
      const tolerance = a + b > 500 ? 1e-10 : 1e-12;
      expect(relativeError(betaQuantile(p, a, b), value), `B(${p}; ${a}, ${b})`).toBeLessThan(tolerance);
    }
  });

  test.prop([
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  ])("the incomplete beta function is the binomial tail", (a, b, x) => {
    let tail = 0;
    for (let k = a; k <= a + b - 1; k++) tail += choose(a + b - 1, k) * x ** k * (1 - x) ** (a + b - 1 - k);
    expect(Math.abs(regularisedIncompleteBeta(x, a, b) - tail)).toBeLessThan(1e-12);
  });
});

function choose(n: number, k: number): number {
  let product = 1;
  for (let index = 1; index <= k; index++) product *= (n - k + index) / index;
  return product;
}

describe("binomial intervals", () => {
  test("agree with scipy and statsmodels", () => {
    for (const { successes, trials, confidence, wilson, clopperPearson } of binomial) {
      const name = `${successes}/${trials} at ${confidence}`;
      const ours = wilsonInterval(successes, trials, confidence);
      expect(Math.abs(ours.lower - wilson.lower), name).toBeLessThan(1e-15 + 1e-12 * wilson.lower);
      expect(relativeError(ours.upper, wilson.upper), name).toBeLessThan(1e-12);
      const exact = clopperPearsonInterval(successes, trials, confidence);
      expect(relativeError(exact.lower, clopperPearson.lower), name).toBeLessThan(1e-8);
      expect(relativeError(exact.upper, clopperPearson.upper), name).toBeLessThan(1e-8);
    }
  });

  test.prop([
    fc.integer({ min: 1, max: 400 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
  ])("lie in [0, 1], hold the proportion and mirror with it", ([successes, trials]) => {
    for (const interval of [wilsonInterval, clopperPearsonInterval]) {
      const { lower, upper } = interval(successes, trials);
      const proportion = successes / trials;
      expect(lower >= 0 && lower <= proportion && proportion <= upper && upper <= 1).toBe(true);
      const mirror = interval(trials - successes, trials);
      expect(mirror.lower).toBeCloseTo(1 - upper, 12);
    }
  });

  test("k = 0 and k = n have the closed form of the exact interval", () => {
    expect(clopperPearsonInterval(0, 25)).toEqual({
      lower: 0,
      upper: expect.closeTo(1 - 0.025 ** (1 / 25), 13),
    });
    expect(clopperPearsonInterval(25, 25)).toEqual({
      lower: expect.closeTo(0.025 ** (1 / 25), 13),
      upper: 1,
    });
  });

  test("refuse no trials, impossible counts and confidence of 1", () => {
    expect(() => wilsonInterval(0, 0)).toThrow(expect.objectContaining({ code: "empty" }));
    expect(() => clopperPearsonInterval(3, 2)).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => wilsonInterval(1, 2, 1)).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => betaQuantile(0.5, 0, 1)).toThrow(expect.objectContaining({ code: "out-of-range" }));
  });
});
