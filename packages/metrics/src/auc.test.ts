import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { auc, aucOfCases } from "./auc.ts";
import { createRandom } from "./random.ts";

function naiveAuc(diseased: readonly number[], nonDiseased: readonly number[]): number {
  let sum = 0;
  for (const x of diseased) for (const y of nonDiseased) sum += x > y ? 1 : x === y ? 0.5 : 0;
  return sum / (diseased.length * nonDiseased.length);
}

// Small integers make ties frequent.
const scores = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 40 });

describe("auc", () => {
  test.prop([scores, scores])("equals its definition over all pairs", (x, y) => {
    expect(auc(x, y)).toBe(naiveAuc(x, y));
  });

  test.prop([scores, scores])("of swapped groups is the complement", (x, y) => {
    expect(auc(x, y) + auc(y, x)).toBeCloseTo(1, 14);
  });

  test.prop([scores, scores])("does not change under a rising map", (x, y) => {
    const map = (value: number) => Math.exp(value / 3) - 100;
    expect(auc(x.map(map), y.map(map))).toBe(auc(x, y));
  });

  test.prop([scores, scores, fc.integer()])("does not depend on the order of cases", (x, y, seed) => {
    const random = createRandom(seed);
    expect(auc(random.shuffle(x), random.shuffle(y))).toBe(auc(x, y));
  });

  test("refuses one class, labels other than 0 and 1, and scores that are not finite", () => {
    expect(() => auc([], [1])).toThrow(expect.objectContaining({ code: "one-class" }));
    expect(() => auc([1], [])).toThrow(expect.objectContaining({ code: "one-class" }));
    expect(() => auc([Number.NaN], [1])).toThrow(expect.objectContaining({ code: "not-finite" }));
    expect(() => aucOfCases([0, 2], [0, 1])).toThrow(expect.objectContaining({ code: "label-invalid" }));
    expect(() => aucOfCases([0, 1], [0])).toThrow(expect.objectContaining({ code: "length-mismatch" }));
    expect(() => aucOfCases([], [])).toThrow(expect.objectContaining({ code: "empty" }));
    expect(() => aucOfCases([0, 1], [0, Infinity])).toThrow(expect.objectContaining({ code: "not-finite" }));
  });
});
