import { expect, test } from "vitest";
import golden from "../golden/rank-correlation/cases.json" with { type: "json" };
import { resampledSpearman, spearmanCorrelation } from "./rank-correlation.ts";
import { relativeError } from "./relative-tolerance.ts";

test("agrees with scipy, ties and resamples included", () => {
  for (const one of golden) {
    expect(relativeError(spearmanCorrelation(one.first, one.second), one.spearman)).toBeLessThan(1e-12);
    const resampled = resampledSpearman(one.first, one.second)(Uint32Array.from(one.multiplicity));
    expect(relativeError(resampled ?? Number.NaN, one.resampled)).toBeLessThan(1e-12);
  }
});

test("refuses two cases, a constant, unequal lengths and what is not finite", () => {
  const refusal = (first: number[], second: number[]) => () => spearmanCorrelation(first, second);
  expect(refusal([1, 2], [1, 2])).toThrow(expect.objectContaining({ code: "too-few-cases" }));
  expect(refusal([1, 1, 1], [1, 2, 3])).toThrow(expect.objectContaining({ code: "constant-ratings" }));
  expect(refusal([1, 2, 3], [1, 2])).toThrow(expect.objectContaining({ code: "length-mismatch" }));
  expect(refusal([1, 2, Number.NaN], [1, 2, 3])).toThrow(expect.objectContaining({ code: "not-finite" }));
});
