import { describe, expect, test } from "vitest";
import golden from "../golden/kappa-interval/cases.json" with { type: "json" };
import { fleissKappa, krippendorffAlpha } from "./agreement.ts";
import { clusteredAgreement } from "./clustered-agreement.ts";
import { agreementCorrelation, intraclassCorrelations } from "./intraclass-correlation.ts";
import { cohenKappaInterval, fleissKappaInterval } from "./kappa-interval.ts";
import { createRandom } from "./random.ts";
import { relativeError } from "./relative-tolerance.ts";

describe("intervals of κ", () => {
  test("Cohen's agrees with statsmodels for every weighting", () => {
    for (const one of golden.cohen) {
      for (const weights of ["none", "linear", "quadratic"] as const) {
        const result = cohenKappaInterval(one.first, one.second, { categories: one.categories, weights });
        for (const key of ["value", "standardError", "lower", "upper"] as const) {
          expect(relativeError(result[key], one[weights][key])).toBeLessThan(1e-9);
        }
      }
    }
  });

  test("Fleiss' agrees with the delta method", () => {
    for (const { counts, value, standardError } of golden.fleiss) {
      const result = fleissKappaInterval(counts);
      expect(relativeError(result.value, value)).toBeLessThan(1e-12);
      expect(relativeError(result.standardError, standardError)).toBeLessThan(1e-6);
      expect(result.upper - result.value).toBeCloseTo(1.959964 * standardError, 5);
    }
  });

  test("full agreement has κ 1 and no width; one case has no interval", () => {
    const options = { categories: [0, 1], weights: "none" as const };
    expect(cohenKappaInterval([0, 1, 1], [0, 1, 1], options)).toEqual({
      value: 1,
      standardError: 0,
      lower: 1,
      upper: 1,
    });
    expect(() => fleissKappaInterval([[1, 1]])).toThrow(expect.objectContaining({ code: "too-few-cases" }));
  });
});

describe("clusteredAgreement", () => {
  const random = createRandom(3);
  const truth = Array.from({ length: 60 }, () => 5 * random.normal());
  const readers = [0, 1, 2].map(() => truth.map((value) => value + 3 * random.normal()));
  const alone = truth.map((_, index) => `subject ${index}`);
  const options = { clusterIds: alone, replicates: 1000, seed: 9 };

  test("of independent cases it comes near the exact interval of the intraclass correlation", () => {
    const exact = intraclassCorrelations(readers).agreement.single;
    const drawn = clusteredAgreement(readers, agreementCorrelation, options);
    expect(drawn.value).toBe(exact.value);
    expect(Math.abs(drawn.lower - exact.lower)).toBeLessThan(0.06);
    expect(Math.abs(drawn.upper - exact.upper)).toBeLessThan(0.06);
    expect(drawn).toMatchObject({ caseCount: 60, subjectCount: 60, undefinedReplicates: 0 });
  });

  test("of three raters' categories it comes near the interval of Fleiss' κ", () => {
    const calls = readers.map((reader) => reader.map((value) => (value > 0 ? 1 : 0)));
    const toCounts = (table: readonly (readonly number[])[]) =>
      table[0]!.map((_, index) => {
        const positive = table.reduce((sum, reader) => sum + reader[index]!, 0);
        return [table.length - positive, positive];
      });
    const exact = fleissKappaInterval(toCounts(calls));
    const drawn = clusteredAgreement(calls, (table) => fleissKappa(toCounts(table)), options);
    expect(Math.abs(drawn.lower - exact.lower)).toBeLessThan(0.05);
    expect(Math.abs(drawn.upper - exact.upper)).toBeLessThan(0.05);
  });

  test("the same ratings under half as many subjects have a wider interval", () => {
    const doubled = readers.map((reader) => [...reader, ...reader]);
    const width = (clusterIds: readonly string[]) => {
      const { lower, upper } = clusteredAgreement(doubled, (table) => krippendorffAlpha(table, "interval"), {
        ...options,
        clusterIds,
        replicates: 400,
      });
      return upper - lower;
    };
    const clustered = width([...alone, ...alone]);
    const naive = width(Array.from({ length: 120 }, (_, index) => String(index)));
    expect(naive / clustered).toBeGreaterThan(0.6);
    expect(naive / clustered).toBeLessThan(0.85);
  });

  test("α with missing ratings has an interval at every level; the same seed gives the same one", () => {
    const sparse = readers.map((reader, row) =>
      reader.map((value, index) => ((index + row) % 5 === 0 ? null : Math.round(Math.abs(value)))),
    );
    for (const level of ["nominal", "ordinal", "interval", "ratio"] as const) {
      const alpha = () =>
        clusteredAgreement(sparse, (table) => krippendorffAlpha(table, level), {
          ...options,
          replicates: 100,
        });
      const { value, lower, upper } = alpha();
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
      expect(alpha()).toEqual({ ...alpha() });
    }
  });

  test("refuses one subject and a coefficient that most resamples leave without a value", () => {
    expect(() =>
      clusteredAgreement(readers, agreementCorrelation, { ...options, clusterIds: truth.map(() => "one") }),
    ).toThrow(expect.objectContaining({ code: "too-few-cases" }));
    const rare = [0, 1].map(() => truth.map((_, index) => (index === 0 ? 1 : 0)));
    expect(() => clusteredAgreement(rare, (table) => krippendorffAlpha(table, "nominal"), options)).toThrow(
      expect.objectContaining({ code: "too-few-cases" }),
    );
    expect(() =>
      clusteredAgreement(
        rare,
        () => {
          throw new TypeError("a fault of the code");
        },
        options,
      ),
    ).toThrow(TypeError);
  });
});
