import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { checkUpdates, defaultNormRule } from "./update-check.ts";
import { createRandom } from "@crossread/metrics/random";
import type { SiteUpdate } from "./update.ts";

const base = { weights: Float32Array.of(0, 0, 0), statistics: Float32Array.of(0, 1) };
const expected = { roundNumber: 2, baseDigest: "b".repeat(64), base, normRule: defaultNormRule };

function update(overrides: Partial<SiteUpdate> = {}): SiteUpdate {
  return {
    siteId: "S1",
    roundNumber: 2,
    baseDigest: expected.baseDigest,
    exampleCount: 10,
    weights: Float32Array.of(1, 0, 0),
    statistics: Float32Array.of(0, 1),
    ...overrides,
  };
}

function outcome(updates: readonly SiteUpdate[]) {
  const { accepted, refused } = checkUpdates(updates, expected);
  return {
    accepted: accepted.map(({ siteId }) => siteId),
    refused: refused.map(({ siteId, code }) => [siteId, code]),
  };
}

describe("checkUpdates", () => {
  test.each([
    [
      "a late round",
      { roundNumber: 1 },
      "update-stale-base",
      "Update from site S1 is of round 1, expected round 2.",
    ],
    [
      "another base",
      { baseDigest: "c".repeat(64) },
      "update-stale-base",
      "Update from site S1 starts from checkpoint cccccccccccc, expected bbbbbbbbbbbb.",
    ],
    [
      "no examples",
      { exampleCount: 0 },
      "update-no-examples",
      "Update from site S1 counts 0 examples, expected at least one.",
    ],
    [
      "half an example",
      { exampleCount: 0.5 },
      "update-no-examples",
      "Update from site S1 counts 0.5 examples, expected at least one.",
    ],
    [
      "too few weights",
      { weights: Float32Array.of(1, 2) },
      "update-shape-mismatch",
      "Update from site S1 has 2 weights, expected 3.",
    ],
    [
      "too many statistics",
      { statistics: new Float32Array(3) },
      "update-shape-mismatch",
      "Update from site S1 has 3 statistics, expected 2.",
    ],
    [
      "a NaN",
      { weights: Float32Array.of(0, NaN, 0) },
      "update-not-finite",
      "Update from site S1 has NaN in weights at index 1, expected finite numbers.",
    ],
    [
      "an infinite statistic",
      { statistics: Float32Array.of(Infinity, 0) },
      "update-not-finite",
      "Update from site S1 has Infinity in statistics at index 0, expected finite numbers.",
    ],
  ] as const)("refuses %s with its sentence", (_name, fault, code, reason) => {
    const sound = update({ siteId: "S2" });
    expect(checkUpdates([update(fault), sound], expected)).toEqual({
      accepted: [sound],
      refused: [{ siteId: "S1", code, reason }],
    });
  });

  test("keeps one of equal copies and none of unlike ones", () => {
    const other = update({ weights: Float32Array.of(0, 1, 0) });
    expect(outcome([update(), update(), update()])).toEqual({
      accepted: ["S1"],
      refused: [
        ["S1", "update-duplicate"],
        ["S1", "update-duplicate"],
      ],
    });
    expect(outcome([update(), other])).toEqual({
      accepted: [],
      refused: [
        ["S1", "update-duplicate"],
        ["S1", "update-duplicate"],
      ],
    });
  });

  test("a broken copy does not void the sound one", () => {
    expect(outcome([update({ exampleCount: 0 }), update()])).toEqual({
      accepted: ["S1"],
      refused: [["S1", "update-no-examples"]],
    });
  });

  const withNorms = (...norms: number[]) =>
    norms.map((norm, index) => update({ siteId: `S${index}`, weights: Float32Array.of(0, 0, norm) }));

  test("refuses a norm far above its round, from three sites on", () => {
    expect(outcome(withNorms(1, 1.1, 50)).refused).toEqual([["S2", "update-norm-outlier"]]);
    expect(outcome(withNorms(1, 50)).refused).toEqual([]);
  });

  test("draws the limit 3.5 robust standard deviations above the median, or at three times it", () => {
    // Median 5, MAD 2: 5 + 3.5 · 1.4826 · 2 = 15.378.
    expect(outcome(withNorms(1, 3, 5, 7, 15.3)).refused).toEqual([]);
    expect(outcome(withNorms(1, 3, 5, 7, 15.5)).refused).toEqual([["S4", "update-norm-outlier"]]);
    // Median 5, MAD 1: 3 · 5 lies above 5 + 3.5 · 1.4826.
    expect(outcome(withNorms(4, 4, 5, 6, 14.9)).refused).toEqual([]);
    expect(outcome(withNorms(4, 4, 5, 6, 15.1)).refused).toEqual([["S4", "update-norm-outlier"]]);
  });

  test("a round below the rule's minimum of sites has no outlier", () => {
    const rule = { ...expected, normRule: { ...defaultNormRule, minimumSites: 5 } };
    expect(checkUpdates(withNorms(1, 1, 1, 50), rule).refused).toEqual([]);
    expect(checkUpdates(withNorms(1, 1, 1, 1, 50), rule).refused).toHaveLength(1);
  });

  test("leaves sites of unlike size, small norms and a round of equal norms alone", () => {
    expect(outcome(withNorms(1, 1.05, 2.9)).refused).toEqual([]);
    expect(outcome(withNorms(5, 5, 5, 0.001)).refused).toEqual([]);
    expect(outcome(withNorms(2, 2, 2)).refused).toEqual([]);
    expect(outcome(withNorms(1, 3, 9, 12, 20)).refused).toEqual([]);
  });

  test("measures the delta from the base, not the weights", () => {
    const shifted = { weights: Float32Array.of(100, 0, 0), statistics: base.statistics };
    const updates = [101, 101.1, 99].map((weight, index) =>
      update({ siteId: `S${index}`, weights: Float32Array.of(weight, 0, 0) }),
    );
    const far = update({ siteId: "S9", weights: Float32Array.of(0, 0, 0) });
    expect(
      checkUpdates([...updates, far], { ...expected, base: shifted }).refused.map(({ siteId, code }) => [
        siteId,
        code,
      ]),
    ).toEqual([["S9", "update-norm-outlier"]]);
  });

  const anyUpdate = fc
    .record({
      siteId: fc.constantFrom("S1", "S2", "S3", "S4", "S5"),
      exampleCount: fc.integer({ min: 0, max: 3 }),
      weight: fc.constantFrom(0, 1, 2, 1000, Number.NaN),
      roundNumber: fc.constantFrom(2, 2, 2, 1),
    })
    .map(({ weight, ...rest }) => update({ ...rest, weights: Float32Array.of(weight, 0, 0) }));

  test.prop([fc.array(anyUpdate, { maxLength: 8 }), fc.integer()])(
    "loses no update and does not depend on the order of arrival",
    (updates, seed) => {
      const { accepted, refused } = checkUpdates(updates, expected);
      expect(accepted.length + refused.length).toBe(updates.length);
      expect(new Set(accepted.map(({ siteId }) => siteId)).size).toBe(accepted.length);
      expect(checkUpdates(createRandom(seed).shuffle(updates), expected)).toEqual({ accepted, refused });
    },
  );
});
