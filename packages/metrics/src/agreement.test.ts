import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import golden from "../golden/agreement/cases.json" with { type: "json" };
import { cohenKappa, fleissKappa, krippendorffAlpha } from "./agreement.ts";
import { relativeError } from "./relative-tolerance.ts";

const levels = ["nominal", "ordinal", "interval", "ratio"] as const;

describe("agreement goldens", () => {
  test("Cohen's κ agrees with scikit-learn for every weighting", () => {
    for (const { first, second, categories, ...expected } of golden.cohen) {
      for (const weights of ["none", "linear", "quadratic"] as const) {
        expect(
          relativeError(cohenKappa(first, second, { categories, weights }), expected[weights]),
        ).toBeLessThan(1e-12);
      }
    }
  });

  test("Fleiss' κ agrees with statsmodels", () => {
    for (const { counts, kappa } of golden.fleiss) {
      expect(relativeError(fleissKappa(counts), kappa)).toBeLessThan(1e-12);
    }
  });

  test("Krippendorff's α agrees with its definition and with the published example", () => {
    for (const one of golden.krippendorff) {
      for (const level of levels) {
        expect(relativeError(krippendorffAlpha(one.ratings, level), one[level])).toBeLessThan(1e-12);
      }
    }
    const published = golden.krippendorff[0]!;
    for (const level of levels) {
      expect(krippendorffAlpha(published.ratings, level).toFixed(3)).toBe(
        published.published![level].toFixed(3),
      );
    }
  });
});

const ratings = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })), {
  minLength: 2,
  maxLength: 50,
});

describe("agreement properties", () => {
  test.prop([ratings])("Cohen's κ is symmetric in the readers and 1 for a reader and themself", (pairs) => {
    const first = pairs.map(([rating]) => rating);
    const second = pairs.map(([, rating]) => rating);
    fc.pre(new Set([...first, ...second]).size > 1 && new Set(first).size > 1);
    const options = { categories: [1, 2, 3, 4, 5], weights: "quadratic" as const };
    expect(cohenKappa(first, second, options)).toBeCloseTo(cohenKappa(second, first, options), 12);
    expect(cohenKappa(first, first, options)).toBe(1);
  });

  test.prop([ratings])("α at interval level does not change under shift and scale", (pairs) => {
    const readers = [pairs.map(([rating]) => rating), pairs.map(([, rating]) => rating)];
    fc.pre(new Set(readers.flat()).size > 1);
    const moved = readers.map((reader) => reader.map((rating) => 3 * rating - 7));
    expect(krippendorffAlpha(moved, "interval")).toBeCloseTo(krippendorffAlpha(readers, "interval"), 10);
  });

  test("constant ratings have no κ and no α", () => {
    const options = { categories: ["yes", "no"], weights: "none" as const };
    expect(() => cohenKappa(["yes", "yes"], ["yes", "yes"], options)).toThrow(
      expect.objectContaining({ code: "constant-ratings" }),
    );
    expect(() =>
      fleissKappa([
        [3, 0],
        [3, 0],
      ]),
    ).toThrow(expect.objectContaining({ code: "constant-ratings" }));
    expect(() =>
      krippendorffAlpha(
        [
          [1, 1],
          [1, 1],
        ],
        "nominal",
      ),
    ).toThrow(expect.objectContaining({ code: "constant-ratings" }));
  });

  test("refuses unknown categories, unequal rows and cases that nobody shares", () => {
    expect(() => cohenKappa([6], [1], { categories: [1, 2], weights: "none" })).toThrow(
      expect.objectContaining({ code: "category-unknown" }),
    );
    expect(() => cohenKappa([1], [], { categories: [1, 2], weights: "none" })).toThrow(
      expect.objectContaining({ code: "length-mismatch" }),
    );
    expect(() =>
      fleissKappa([
        [1, 2],
        [2, 2],
      ]),
    ).toThrow(expect.objectContaining({ code: "length-mismatch" }));
    expect(() => fleissKappa([[1, 0]])).toThrow(expect.objectContaining({ code: "too-few-cases" }));
    expect(() =>
      krippendorffAlpha(
        [
          [1, null],
          [null, 2],
        ],
        "nominal",
      ),
    ).toThrow(expect.objectContaining({ code: "too-few-cases" }));
    expect(() => krippendorffAlpha([[-1], [2]], "ratio")).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });
});
