import { readFileSync } from "node:fs";
import { test as propertyTest, fc } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { clusteredMean } from "./clustered-mean.ts";
import { spearmanCorrelation, structuralSimilarity, topShareIou } from "./map-similarity.ts";

type MapFormula = readonly [fx: number, fy: number, phase: number, limit: number];

const golden = JSON.parse(
  readFileSync(new URL("../golden/map-similarity/cases.json", import.meta.url), "utf8"),
) as {
  cases: {
    heightPx: number;
    widthPx: number;
    first: MapFormula;
    second: MapFormula;
    spearman: number;
    ssim: number;
    iou: Record<string, number>;
  }[];
};

function drawn(grid: { widthPx: number; heightPx: number }, [fx, fy, phase, limit]: MapFormula) {
  return Float64Array.from({ length: grid.widthPx * grid.heightPx }, (_, index) => {
    const wave =
      0.5 + 0.5 * Math.sin(fx * (index % grid.widthPx) + fy * Math.floor(index / grid.widthPx) + phase);
    return Math.round((1000 * Math.max(0, wave - limit)) / (1 - limit)) / 1000;
  });
}

describe.each(golden.cases)("maps $first and $second on $widthPx × $heightPx", (expected) => {
  const first = drawn(expected, expected.first);
  const second = drawn(expected, expected.second);

  it("have SciPy's rank correlation", () => {
    expect(Math.abs(spearmanCorrelation(first, second) - expected.spearman)).toBeLessThan(1e-9);
  });

  it("have SciPy's structural similarity", () => {
    expect(Math.abs(structuralSimilarity(first, second, expected) - expected.ssim)).toBeLessThan(1e-9);
  });

  it.each(Object.entries(expected.iou))("overlap as NumPy says in the hottest %s", (share, iou) => {
    expect(topShareIou(first, second, Number(share))).toBeCloseTo(iou, 12);
  });
});

const grid = { widthPx: 12, heightPx: 12 };
const map = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 144, maxLength: 144 })
  .filter((values) => new Set(values).size > 1);

describe("every similarity", () => {
  propertyTest.prop([map, map])("is symmetric, and 1 for a map with itself", (a, b) => {
    for (const similarity of [
      spearmanCorrelation,
      (x: number[], y: number[]) => structuralSimilarity(x, y, grid),
      (x: number[], y: number[]) => topShareIou(x, y, 0.1),
    ]) {
      expect(similarity(a, a)).toBeCloseTo(1, 9);
      expect(similarity(a, b)).toBeCloseTo(similarity(b, a), 12);
    }
  });

  propertyTest.prop([map, map])("keeps rank and hot area under a monotone change of one map", (a, b) => {
    const changed = b.map((value) => Math.sqrt(value) / 2);
    fc.pre(new Set(changed).size === new Set(b).size);
    expect(spearmanCorrelation(a, changed)).toBeCloseTo(spearmanCorrelation(a, b), 9);
    expect(topShareIou(a, changed, 0.1)).toBe(topShareIou(a, b, 0.1));
  });
});

describe("what has no value", () => {
  const flat = new Float64Array(144);
  const ramp = Float64Array.from({ length: 144 }, (_, index) => index / 144);
  it.each([
    ["zero-variance", () => spearmanCorrelation(flat, ramp)],
    ["flat-map", () => topShareIou(ramp, flat, 0.1)],
    ["out-of-range", () => topShareIou(ramp, ramp, 0)],
    ["out-of-range", () => structuralSimilarity(ramp, ramp, { widthPx: 16, heightPx: 9 })],
    ["length-mismatch", () => spearmanCorrelation(ramp, ramp.subarray(1))],
    ["length-mismatch", () => structuralSimilarity(ramp, ramp, { widthPx: 12, heightPx: 13 })],
    [
      "not-finite",
      () =>
        spearmanCorrelation(
          ramp,
          ramp.map(() => NaN),
        ),
    ],
    ["empty", () => spearmanCorrelation([], [])],
  ] as const)("is refused with %s", (code, compute) => {
    expect(compute).toThrow(expect.objectContaining({ code }));
  });
});

describe("clusteredMean", () => {
  const options = { replicates: 2000, seed: 1 };

  it("resamples subjects: equal cases of one subject do not narrow the interval", () => {
    const values = [0.1, 0.5, 0.9, 0.3];
    const single = clusteredMean(values, { ...options, clusterIds: ["a", "b", "c", "d"] });
    const copies = clusteredMean(
      values.flatMap((value) => [value, value, value]),
      { ...options, clusterIds: ["a", "b", "c", "d"].flatMap((id) => [id, id, id]) },
    );
    expect(single).toMatchObject({ mean: 0.45, caseCount: 4, subjectCount: 4 });
    expect(copies.mean).toBeCloseTo(0.45, 12);
    expect([copies.lower, copies.upper]).toEqual([
      expect.closeTo(single.lower!, 12) as number,
      expect.closeTo(single.upper!, 12) as number,
    ]);
    expect(single.lower!).toBeLessThan(0.3);
    expect(single.upper!).toBeGreaterThan(0.6);
  });

  it("gives no interval for one subject", () => {
    expect(clusteredMean([0.2, 0.4], { ...options, clusterIds: ["a", "a"] })).toMatchObject({
      lower: null,
      upper: null,
    });
  });
});
