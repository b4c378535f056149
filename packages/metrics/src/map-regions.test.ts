import { describe, expect, test } from "vitest";
import golden from "../golden/map-regions/cases.json" with { type: "json" };
import { measureMap, summariseMaps, type MapMeasurement } from "./map-localisation-summary.ts";
import { labelRegions, matchRegions } from "./map-regions.ts";
import { marksOnMap, rasteriseMarks, type Mark } from "./mark-mask.ts";
import { createRandom } from "./random.ts";

const thresholds = [0.2, 0.5, 0.8];

describe("against scipy.ndimage", () => {
  golden.forEach((one, index) => {
    const { widthPx, heightPx, values, threshold, minimumAreaPx } = one;
    const map = { widthPx, heightPx, values };
    const marks = one.marks as Mark[];

    test(`map ${index}: regions, found marks and spurious regions`, () => {
      const maximum = Math.max(...values);
      const hot = values.map((value) => (value >= threshold * maximum ? 1 : 0));
      const labelled = labelRegions(hot, map);
      expect(labelled.count).toBe(one.count);
      expect([...labelled.labels]).toEqual(one.labels);
      const match = matchRegions(map, marks, { threshold, minimumAreaPx });
      expect(match.regions.map((region) => region.areaPx)).toEqual(one.areasPx);
      expect(match.regions.map((region) => region.peak)).toEqual(one.peaks);
      expect(match.regions.map((region) => region.markIndices)).toEqual(one.touches);
      match.regions.forEach(({ xPx, yPx }, region) => {
        expect(xPx).toBeCloseTo(one.centres[region]![0]!, 10);
        expect(yPx).toBeCloseTo(one.centres[region]![1]!, 10);
      });
      expect(match.marks.map((mark) => mark.hotShare)).toEqual(one.hotShares);
      expect(match.missedMarkCount).toBe(one.hotShares.filter((share) => share === 0).length);
      expect(match.spuriousRegionCount).toBe(one.touches.filter((touched) => touched.length === 0).length);
    });

    test(`map ${index}: masks, pointing, energy and overlaps`, () => {
      const areas = marks.map((mark) => rasteriseMarks(map, [mark]).reduce((sum, pixel) => sum + pixel, 0));
      expect(areas).toEqual(one.markAreasPx);
      const { marked } = measureMap(map, marks, { thresholds, regionRule: { threshold } });
      expect(marked?.pointing).toBe(one.pointing);
      expect(marked?.overlaps).toEqual(one.overlaps);
      expect((marked?.energyInside ?? 0) - (one.energyInside ?? 0)).toBeCloseTo(0, 12);
    });
  });
});

describe("marks", () => {
  test("an ellipse of equal radii is the circle, turned or not; a point is its pixel", () => {
    const frame = { widthPx: 30, heightPx: 20 };
    const circle = rasteriseMarks(frame, [{ shape: "circle", xPx: 12, yPx: 9, radiusPx: 5.3 }]);
    const ellipse: Mark = {
      shape: "ellipse",
      xPx: 12,
      yPx: 9,
      radiusXPx: 5.3,
      radiusYPx: 5.3,
      rotationRad: 1.1,
    };
    expect(rasteriseMarks(frame, [ellipse])).toEqual(circle);
    const point = rasteriseMarks(frame, [{ shape: "point", xPx: 3.9, yPx: 2.1 }]);
    expect([...point].flatMap((pixel, index) => (pixel === 1 ? [index] : []))).toEqual([2 * 30 + 3]);
    expect(() => rasteriseMarks(frame, [{ shape: "point", xPx: 30, yPx: 2 }])).toThrow(
      expect.objectContaining({ code: "mark-outside-map" }),
    );
    expect(() => rasteriseMarks(frame, [{ ...ellipse, radiusYPx: 0 }])).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });

  test("marks of an image cover the same share of a map an eighth as large", () => {
    const image = { widthPx: 320, heightPx: 240 };
    const map = { widthPx: 40, heightPx: 30 };
    const marks: Mark[] = [
      { shape: "circle", xPx: 80, yPx: 60, radiusPx: 40 },
      { shape: "ellipse", xPx: 200, yPx: 150, radiusXPx: 70, radiusYPx: 30, rotationRad: 0.5 },
      {
        shape: "polygon",
        points: [
          { xPx: 240, yPx: 0 },
          { xPx: 320, yPx: 0 },
          { xPx: 320, yPx: 80 },
        ],
      },
      { shape: "point", xPx: 4, yPx: 236 },
    ];
    const share = (mask: Uint8Array) => mask.reduce((sum, pixel) => sum + pixel, 0) / mask.length;
    const small = rasteriseMarks(map, marksOnMap(marks, image, map));
    expect(Math.abs(share(small) / share(rasteriseMarks(image, marks)) - 1)).toBeLessThan(0.03);
    expect(small[29 * 40]).toBe(1);
  });
});

describe("matchRegions", () => {
  const line = (...values: number[]) => ({ widthPx: values.length, heightPx: 1, values });

  test("a region over two marks finds both and is not spurious; a mark too little covered is missed", () => {
    const map = line(0, 9, 9, 9, 0, 0, 9);
    const marks: Mark[] = [
      { shape: "point", xPx: 1.5, yPx: 0.5 },
      { shape: "circle", xPx: 4.5, yPx: 0.5, radiusPx: 1.2 },
    ];
    const match = matchRegions(map, marks, { threshold: 0.5, minimumHotShare: 0.4 });
    expect(match.regions.map((region) => region.markIndices)).toEqual([[0, 1], []]);
    expect(match.marks).toEqual([
      { hotShare: 1, isFound: true },
      { hotShare: 1 / 3, isFound: false },
    ]);
    expect([match.missedMarkCount, match.spuriousRegionCount]).toEqual([1, 1]);
  });

  test("regions that touch at a corner are one", () => {
    const map = { widthPx: 2, heightPx: 2, values: [1, 0, 0, 1] };
    expect(matchRegions(map, [], { threshold: 1 }).regions).toEqual([
      { areaPx: 2, peak: 1, xPx: 1, yPx: 1, markIndices: [] },
    ]);
  });

  test("a region that turns back upwards is one", () => {
    const map = { widthPx: 3, heightPx: 3, values: [1, 0, 1, 1, 0, 1, 1, 1, 1] };
    expect(matchRegions(map, [], { threshold: 1 }).regions.map((region) => region.areaPx)).toEqual([7]);
  });

  test("refuses a map that points nowhere and thresholds outside (0, 1]", () => {
    expect(() => matchRegions(line(0, 0), [], { threshold: 0.5 })).toThrow(
      expect.objectContaining({ code: "flat-map" }),
    );
    for (const threshold of [0, 1.1, Number.NaN]) {
      expect(() => matchRegions(line(0, 1), [], { threshold })).toThrow(
        expect.objectContaining({ code: "out-of-range" }),
      );
    }
  });
});

describe("summariseMaps", () => {
  const random = createRandom(8);
  const options = { thresholds: [0.5], regionRule: { threshold: 0.5 } };
  const measured: MapMeasurement[] = Array.from({ length: 60 }, (_, index) => {
    const values = Array.from({ length: 12 }, () => random.next());
    const marks: Mark[] = index % 3 === 0 ? [] : [{ shape: "circle", xPx: 2, yPx: 2, radiusPx: 1 }];
    return measureMap({ widthPx: 4, heightPx: 3, values }, marks, options);
  });
  const subjects = measured.map((_, index) => `subject ${index}`);
  const run = { clusterIds: subjects, replicates: 500, seed: 2 };
  const byName = (quantities: ReturnType<typeof summariseMaps>) =>
    Object.fromEntries(quantities.map((quantity) => [quantity.name, quantity]));

  test("values are the means and ratios of sums, each inside its interval", () => {
    const quantities = summariseMaps(measured, run);
    expect(quantities.map(({ name, count }) => [name, count])).toEqual([
      ["pointing", 40],
      ["energy inside", 40],
      ["mark share", 40],
      ["IoU at 0.5", 40],
      ["Dice at 0.5", 40],
      ["marks found", 40],
      ["spurious regions per map", 60],
      ["spurious regions per map without a mark", 20],
    ]);
    const marked = measured.flatMap((one) => (one.marked === undefined ? [] : [one.marked]));
    const { "energy inside": energy, "mark share": share } = byName(quantities);
    expect(energy!.value).toBeCloseTo(marked.reduce((sum, one) => sum + one.energyInside, 0) / 40, 12);
    expect([share!.value, share!.lower! - 4 / 12, share!.upper! - 4 / 12]).toEqual([
      expect.closeTo(4 / 12, 12),
      expect.closeTo(0, 12),
      expect.closeTo(0, 12),
    ]);
    for (const { value, lower, upper } of quantities) {
      expect(lower!).toBeLessThanOrEqual(value + 1e-12);
      expect(upper!).toBeGreaterThanOrEqual(value - 1e-12);
    }
    expect(summariseMaps(measured, run)).toEqual(quantities);
  });

  test("four equal images of one woman count as one for the interval", () => {
    const copies = Array.from({ length: 4 }, () => measured).flat();
    const width = (clusterIds: readonly string[]) => {
      const { "energy inside": energy } = byName(summariseMaps(copies, { ...run, clusterIds }));
      return energy!.upper! - energy!.lower!;
    };
    const clustered = width(Array.from({ length: 4 }, () => subjects).flat());
    const naive = width(copies.map((_, index) => String(index)));
    expect(clustered / naive).toBeGreaterThan(1.6);
    expect(clustered / naive).toBeLessThan(2.4);
  });

  test("one subject has no interval, maps without marks have no pointing, no maps no summary", () => {
    const normal = measured.filter((one) => one.marked === undefined);
    const quantities = summariseMaps(normal, { ...run, clusterIds: normal.map(() => "one") });
    expect(quantities.map(({ name, lower }) => [name, lower])).toEqual([
      ["spurious regions per map", null],
      ["spurious regions per map without a mark", null],
    ]);
    expect(() => summariseMaps([], { ...run, clusterIds: [] })).toThrow(
      expect.objectContaining({ code: "empty" }),
    );
  });
});
