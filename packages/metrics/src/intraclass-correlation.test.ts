import { describe, expect, test } from "vitest";
import golden from "../golden/intraclass/cases.json" with { type: "json" };
import { agreementCorrelation, intraclassCorrelations } from "./intraclass-correlation.ts";
import { relativeError } from "./relative-tolerance.ts";

const [shroutFleiss] = golden;

describe("intraclass correlations", () => {
  test("agree with R's psych, values, intervals and p", () => {
    for (const { ratings, confidence, value, lower, upper, pValue } of golden) {
      const { oneWay, agreement, consistency, pValues } = intraclassCorrelations(ratings, confidence);
      const forms = [
        oneWay.single,
        agreement.single,
        consistency.single,
        oneWay.average,
        agreement.average,
        consistency.average,
      ];
      forms.forEach((form, index) => {
        expect(relativeError(form.value, value[index]!)).toBeLessThan(1e-9);
        expect(relativeError(form.lower, lower[index]!)).toBeLessThan(1e-9);
        expect(relativeError(form.upper, upper[index]!)).toBeLessThan(1e-9);
      });
      expect(relativeError(pValues.oneWay, pValue[0]!)).toBeLessThan(1e-9);
      expect(relativeError(pValues.twoWay, pValue[2]!)).toBeLessThan(1e-9);
    }
  });

  test("the example of Shrout and Fleiss comes out as printed", () => {
    const { oneWay, agreement, consistency } = intraclassCorrelations(shroutFleiss!.ratings);
    const printed = [oneWay, agreement, consistency].map(({ single, average }) => [
      single.value.toFixed(2),
      average.value.toFixed(2),
    ]);
    expect(printed).toEqual([
      ["0.17", "0.44"],
      ["0.29", "0.62"],
      ["0.71", "0.91"],
    ]);
  });

  test("a reader's level counts for agreement, not for consistency; scale and shift of all count for neither", () => {
    const ratings = shroutFleiss!.ratings;
    const shifted = ratings.map((reader, index) => reader.map((rating) => rating + 5 * index));
    const moved = ratings.map((reader) => reader.map((rating) => 3 * rating - 100));
    const before = intraclassCorrelations(ratings);
    expect(intraclassCorrelations(shifted).consistency.single.value).toBeCloseTo(
      before.consistency.single.value,
      12,
    );
    expect(intraclassCorrelations(shifted).agreement.single.value).not.toBeCloseTo(
      before.agreement.single.value,
      2,
    );
    expect(intraclassCorrelations(moved).agreement.single.upper).toBeCloseTo(
      before.agreement.single.upper,
      10,
    );
  });

  test("identical readers agree completely, but have no interval", () => {
    const same = [
      [1, 5, 9.3],
      [1, 5, 9.3],
    ];
    expect(agreementCorrelation(same)).toBe(1);
    expect(() => intraclassCorrelations(same)).toThrow(expect.objectContaining({ code: "zero-variance" }));
  });

  test("refuses one reader, one case, constant ratings and rows of unequal length", () => {
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => intraclassCorrelations([[1, 2, 3]])).toThrow(code("too-few-readers"));
    expect(() => intraclassCorrelations([[1], [2]])).toThrow(code("too-few-cases"));
    expect(() =>
      intraclassCorrelations([
        [0.1, 0.1, 0.1],
        [0.7, 0.7, 0.7],
      ]),
    ).toThrow(code("constant-ratings"));
    expect(() => intraclassCorrelations([[1, 2], [1]])).toThrow(code("length-mismatch"));
    expect(() =>
      intraclassCorrelations([
        [1, Number.NaN],
        [1, 2],
      ]),
    ).toThrow(code("not-finite"));
  });
});
