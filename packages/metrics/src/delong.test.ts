import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import goldens from "../golden/delong/cases.json" with { type: "json" };
import { aucInterval, compareAucs, delong } from "./delong.ts";
import { clusteredDelong } from "./clustered-delong.ts";
import { relativeError } from "./relative-tolerance.ts";
import { splitByLabel } from "./auc.ts";

function expectSame(actual: readonly number[], expected: readonly number[]) {
  actual.forEach((value, index) => expect(relativeError(value, expected[index]!)).toBeLessThan(1e-12));
}

/** Placement values by their definition over all pairs. */
function naivePlacements(x: ArrayLike<number>, y: ArrayLike<number>) {
  const psi = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  const xs = Array.from(x);
  const ys = Array.from(y);
  return {
    v10: xs.map((a) => ys.reduce((sum, b) => sum + psi(a, b), 0) / ys.length),
    v01: ys.map((b) => xs.reduce((sum, a) => sum + psi(a, b), 0) / xs.length),
  };
}

function naiveVariance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

const group = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2, maxLength: 30 });

describe.each(goldens)("pROC: $name", (golden) => {
  const first = splitByLabel(golden.labels, golden.first);
  const second = splitByLabel(golden.labels, golden.second);

  test("AUC, variance and intervals agree", () => {
    const estimate = delong(first.diseased, first.nonDiseased);
    expectSame([estimate.auc, estimate.variance], [golden.aucFirst, golden.varianceFirst]);
    const other = delong(second.diseased, second.nonDiseased);
    expectSame([other.auc, other.variance], [golden.aucSecond, golden.varianceSecond]);
    const options = { independentPairs: 2, scale: "identity" as const };
    const identity = aucInterval(estimate, options);
    expectSame([identity.lower, identity.upper], golden.identityInterval);
    const wide = aucInterval(estimate, { ...options, confidence: 0.99 });
    expectSame([wide.lower, wide.upper], golden.identityInterval99);
    const logit = aucInterval(estimate, { independentPairs: 2 });
    expectSame([logit.lower, logit.upper], golden.logitInterval);
  });

  test("the paired test agrees", () => {
    const comparison = compareAucs({
      labels: golden.labels,
      firstScores: golden.first,
      secondScores: golden.second,
    });
    expectSame(
      [
        comparison.z,
        comparison.lower,
        comparison.upper,
        comparison.first.variance,
        comparison.second.variance,
      ],
      [golden.z, ...golden.differenceInterval, golden.varianceFirst, golden.varianceSecond],
    );
    // The p-value magnifies the error of z by z².
    expect(relativeError(comparison.pValue, golden.pValue)).toBeLessThan(1e-12 * Math.max(1, golden.z ** 2));
    const covariance =
      (comparison.first.variance + comparison.second.variance - (comparison.difference / comparison.z) ** 2) /
      2;
    expect(relativeError(covariance, golden.covariance)).toBeLessThan(1e-11);
  });
});

describe("delong", () => {
  test.prop([group, group])("variance equals that of the placement values by definition", (x, y) => {
    const { v10, v01 } = naivePlacements(x, y);
    const expected = naiveVariance(v10) / x.length + naiveVariance(v01) / y.length;
    expect(delong(x, y).variance).toBeCloseTo(expected, 14);
  });

  test.prop([group, group])("of a score and itself gives difference 0 and p 1", (x, y) => {
    const labels = [...x.map(() => 1), ...y.map(() => 0)];
    const scores = [...x, ...y];
    const doubled = scores.map((score) => 2 * score + 1);
    expect(compareAucs({ labels, firstScores: scores, secondScores: doubled })).toMatchObject({
      difference: 0,
      lower: 0,
      upper: 0,
      z: 0,
      pValue: 1,
    });
  });

  test.prop([group, group])("interval lies in [0, 1] around the AUC unless scores are constant", (x, y) => {
    const estimate = delong(x, y);
    if (estimate.variance === 0 && estimate.auc > 0 && estimate.auc < 1) {
      expect(() => aucInterval(estimate, { independentPairs: 2 })).toThrow(
        expect.objectContaining({ code: "zero-variance" }),
      );
      return;
    }
    const { lower, upper } = aucInterval(estimate, { independentPairs: Math.min(x.length, y.length) });
    expect(lower >= 0 && lower <= estimate.auc && upper >= estimate.auc && upper <= 1).toBe(true);
  });

  test("perfect separation gets an exact bound, not a zero-width interval", () => {
    const estimate = delong([3, 4, 5, 6], [0, 1, 2]);
    expect(estimate).toEqual({ auc: 1, variance: 0 });
    // With 3 disjoint pairs, P(all concordant) ≤ θ³.
    expect(aucInterval(estimate, { independentPairs: 3 })).toEqual({
      lower: expect.closeTo(0.025 ** (1 / 3), 12),
      upper: 1,
    });
    expect(aucInterval({ auc: 0, variance: 0 }, { independentPairs: 3 })).toEqual({
      lower: 0,
      upper: expect.closeTo(1 - 0.025 ** (1 / 3), 12),
    });
  });

  test("refuses what has no variance", () => {
    expect(() => delong([1], [0, 0])).toThrow(expect.objectContaining({ code: "too-few-cases" }));
    expect(() => delong([1, 2], [0])).toThrow(expect.objectContaining({ code: "too-few-cases" }));
    const reversed = { labels: [1, 1, 0, 0], firstScores: [3, 4, 1, 2], secondScores: [1, 2, 3, 4] };
    expect(() => compareAucs(reversed)).toThrow(expect.objectContaining({ code: "zero-variance" }));
  });
});

const image = fc.record({
  label: fc.integer({ min: 0, max: 1 }),
  score: fc.integer({ min: 0, max: 8 }),
  subject: fc.integer({ min: 0, max: 11 }).map((id) => `subject-${id}`),
});

describe("clusteredDelong", () => {
  test.prop([group, group])("is DeLong's where every subject has one image", (x, y) => {
    const labels = [...x.map(() => 1), ...y.map(() => 0)];
    const ids = labels.map((_, index) => `subject-${index}`);
    const clustered = clusteredDelong(labels, [...x, ...y], ids);
    const plain = delong(x, y);
    expect(clustered.auc).toBe(plain.auc);
    expect(clustered.variance).toBeCloseTo(plain.variance, 14);
    expect(clustered.independentPairs).toBe(Math.min(x.length, y.length));
  });

  test.prop([fc.array(image, { minLength: 20, maxLength: 60 })])(
    "equals Obuchowski's sums by definition",
    (images) => {
      const x = images.filter((one) => one.label === 1);
      const y = images.filter((one) => one.label === 0);
      const subjectsOf = (rows: typeof images) => new Set(rows.map((row) => row.subject));
      fc.pre(subjectsOf(x).size >= 2 && subjectsOf(y).size >= 2);
      const { v10, v01 } = naivePlacements(
        x.map((one) => one.score),
        y.map((one) => one.score),
      );
      const theta = v10.reduce((sum, value) => sum + value, 0) / x.length;
      const deviation = (rows: typeof images, placements: readonly number[], subject: string) =>
        rows.reduce((sum, row, index) => sum + (row.subject === subject ? placements[index]! - theta : 0), 0);
      const all = [...subjectsOf(images)];
      const s = (size: number, left: (subject: string) => number, right: (subject: string) => number) =>
        (size / (size - 1)) * all.reduce((sum, subject) => sum + left(subject) * right(subject), 0);
      const a = (subject: string) => deviation(x, v10, subject);
      const b = (subject: string) => deviation(y, v01, subject);
      const m = x.length;
      const n = y.length;
      const expected =
        s(subjectsOf(x).size, a, a) / m / m +
        s(subjectsOf(y).size, b, b) / n / n +
        (2 * s(all.length, a, b)) / m / n;
      const result = clusteredDelong(
        images.map((one) => one.label),
        images.map((one) => one.score),
        images.map((one) => one.subject),
      );
      expect(result.variance).toBeCloseTo(Math.max(0, expected), 12);
    },
  );

  test("images copied within their subject do not narrow the interval", () => {
    const labels = [1, 1, 1, 0, 0, 0];
    const scores = [5, 3, 2, 4, 1, 0];
    const ids = ["a", "b", "c", "d", "e", "f"];
    const twice = <T>(values: readonly T[]) => values.flatMap((value) => [value, value]);
    const once = clusteredDelong(labels, scores, ids);
    const copied = clusteredDelong(twice(labels), twice(scores), twice(ids));
    expect(copied.variance).toBeCloseTo(once.variance, 14);
    expect(copied.independentPairs).toBe(once.independentPairs);
  });

  test("refuses a single malignant subject", () => {
    expect(() => clusteredDelong([1, 1, 0, 0], [3, 4, 1, 2], ["a", "a", "b", "c"])).toThrow(
      expect.objectContaining({ code: "too-few-cases" }),
    );
  });
});
