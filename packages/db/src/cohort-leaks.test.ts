import { expect, test } from "vitest";
import { blocks } from "./cohort-leaks.ts";

const train = { split: "train" } as const;
const tuning = { split: "tuning" } as const;

test("an undecided copy blocks across splits or sites, and the same bytes wherever they are", () => {
  const pair = { verdict: undefined, first: train, second: tuning };
  for (const crosses of ["splits", "sites", "splits-and-sites"] as const) {
    expect(blocks({ ...pair, crosses, kind: "near" }), crosses).toBe(true);
    expect(blocks({ ...pair, crosses, kind: "exact" }), crosses).toBe(true);
  }
  expect(blocks({ ...pair, crosses: "patients", kind: "near" })).toBe(false);
  expect(blocks({ ...pair, crosses: "patients", kind: "exact" })).toBe(true);
});

test("one woman blocks where she is in two splits, and what is no leak nowhere", () => {
  const pair = { kind: "exact", crosses: "splits-and-sites" } as const;
  expect(blocks({ ...pair, verdict: "one-woman", first: train, second: tuning })).toBe(true);
  expect(blocks({ ...pair, verdict: "one-woman", first: train, second: train })).toBe(false);
  expect(blocks({ ...pair, verdict: "no-leak", first: train, second: tuning })).toBe(false);
});
