import { describe, expect, test } from "vitest";
import golden from "../golden/agreement/cases.json" with { type: "json" };
import { cohenKappa, fleissKappa, krippendorffAlpha } from "./agreement.ts";
import { agreementCorrelation } from "./intraclass-correlation.ts";
import { createRandom } from "./random.ts";
import {
  resampledAgreementCorrelation,
  resampledAlpha,
  resampledFleissKappa,
  resampledKappas,
} from "./resampled-agreement.ts";
import { relativeError } from "./relative-tolerance.ts";

const random = createRandom(4);
const caseCount = 60;
const base = Array.from({ length: caseCount }, () => random.nextInt(5));
const complete = Array.from({ length: 4 }, () =>
  base.map((category) => Math.min(4, Math.max(0, category + random.nextInt(3) - 1))),
);
const gaps = complete.map((reader) => reader.map((rating) => (random.next() < 0.25 ? null : rating)));
const multiplicity = Uint32Array.from({ length: caseCount }, () => random.nextInt(3));
const once = new Uint32Array(caseCount).fill(1);
const written = (times: Uint32Array) =>
  [...times].flatMap((count, index) => Array.from({ length: count }, () => index));
const categories = [0, 1, 2, 3, 4];

describe("a resample by multiplicities is the resample written out", () => {
  for (const times of [once, multiplicity]) {
    const drawn = written(times);
    const table = (ratings: readonly (readonly (number | null)[])[]) =>
      ratings.map((reader) => drawn.map((index) => reader[index]!));

    test("Cohen's κ, each weighting, over the cases that both rated", () => {
      const [first, second] = gaps;
      const both = drawn.filter((index) => first![index] !== null && second![index] !== null);
      for (const weights of ["none", "linear", "quadratic"] as const) {
        const plain = cohenKappa(
          both.map((index) => first![index]!),
          both.map((index) => second![index]!),
          { categories, weights },
        );
        expect(resampledKappas(first!, second!, 5)(times)[weights]).toBeCloseTo(plain, 12);
      }
    });

    test("Fleiss' κ", () => {
      const counts = drawn.map((index) =>
        categories.map((category) => complete.filter((reader) => reader[index] === category).length),
      );
      expect(resampledFleissKappa(complete, 5)(times)).toBeCloseTo(fleissKappa(counts), 12);
    });

    test("Krippendorff's α, each level, with missing ratings", () => {
      for (const level of ["nominal", "ordinal", "interval"] as const) {
        expect(resampledAlpha(gaps, 5, level)(times)).toBeCloseTo(krippendorffAlpha(table(gaps), level), 12);
      }
    });

    test("ICC(A,1)", () => {
      const ratings = complete.map((reader) => reader.map((rating) => 20 * rating + random.nextInt(10)));
      const plain = agreementCorrelation(ratings.map((reader) => drawn.map((index) => reader[index]!)));
      expect(resampledAgreementCorrelation(ratings)(times)).toBeCloseTo(plain, 10);
    });
  }
});

test("goldens: scikit-learn's weighted κ, statsmodels' Fleiss and Krippendorff's published example", () => {
  for (const { first, second, categories: scale, ...expected } of golden.cohen) {
    const kappas = resampledKappas(first, second, scale.length)(new Uint32Array(first.length).fill(1));
    for (const weights of ["none", "linear", "quadratic"] as const) {
      expect(relativeError(kappas[weights] ?? Number.NaN, expected[weights])).toBeLessThan(1e-12);
    }
  }
  const { published, ratings } = golden.krippendorff[0]!;
  const shifted = ratings.map((reader) => reader.map((rating) => (rating === null ? null : rating - 1)));
  for (const level of ["nominal", "ordinal", "interval"] as const) {
    const value = resampledAlpha(shifted, 5, level)(new Uint32Array(12).fill(1));
    expect(value?.toFixed(3)).toBe(published![level].toFixed(3));
  }
});

test("double reading has a Fleiss' κ though its readers change; unequal numbers of readers have none", () => {
  const pairs = [
    [0, 1, null, 0],
    [0, null, 1, 1],
    [null, 1, 1, null],
  ];
  const counts = [
    [2, 0],
    [0, 2],
    [0, 2],
    [1, 1],
  ];
  expect(resampledFleissKappa(pairs, 2)(new Uint32Array(4).fill(1))).toBeCloseTo(fleissKappa(counts), 12);
  expect(() =>
    resampledFleissKappa(
      [
        [0, 1],
        [0, null],
      ],
      2,
    ),
  ).toThrow(expect.objectContaining({ code: "length-mismatch" }));
  expect(() => resampledFleissKappa([[0, 1]], 2)).toThrow(
    expect.objectContaining({ code: "too-few-readers" }),
  );
});

test("what does not vary has no value", () => {
  const constant = [
    [1, 1, 1],
    [1, 1, 1],
  ];
  const all = new Uint32Array(3).fill(1);
  expect(resampledKappas(constant[0]!, constant[1]!, 3)(all)).toEqual({
    none: undefined,
    linear: undefined,
    quadratic: undefined,
  });
  expect(resampledFleissKappa(constant, 3)(all)).toBeUndefined();
  expect(resampledAlpha(constant, 3, "ordinal")(all)).toBeUndefined();
  expect(resampledAgreementCorrelation(constant)(all)).toBeUndefined();
});
