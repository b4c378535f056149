import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { projectBreast, projectPosition, sampleBreastAnatomy } from "./phantom-breast.ts";
import { outlineDistanceMm, skinDistanceMm } from "./phantom-skin-distance.ts";
import { createTissueSynthesizer, renderTissue, synthesizeFields } from "./phantom-tissue.ts";

const frame = { widthPx: 240, heightPx: 300, pixelSizeMm: 1 };
const square = Float64Array.from([0, 0, 10, 0, 10, 10, 0, 10]);

describe("outlineDistanceMm", () => {
  it("is positive inside, negative outside and exact at edges and corners", () => {
    expect(outlineDistanceMm(square, { xMm: 3, yMm: 5 })).toBe(3);
    expect(outlineDistanceMm(square, { xMm: 12, yMm: 5 })).toBe(-2);
    expect(outlineDistanceMm(square, { xMm: 13, yMm: 14 })).toBe(-5);
  });
});

describe("projectBreast", () => {
  it.each([1, 2, 3, 4, 5, 6])("keeps breast %d on the detector, nipple foremost, in both views", (seed) => {
    const anatomy = sampleBreastAnatomy(createRandom(seed));
    for (const view of ["CC", "MLO"] as const) {
      const projection = projectBreast(anatomy, view, frame);
      const distance = skinDistanceMm(projection, frame);
      let foremost = { x: 0, y: 0 };
      for (let y = 0; y < frame.heightPx; y++) {
        expect(distance[y * frame.widthPx + frame.widthPx - 1]).toBeLessThan(0);
        for (let x = foremost.x + 1; x < frame.widthPx; x++) {
          if (distance[y * frame.widthPx + x]! > 0) foremost = { x, y };
        }
      }
      expect(Math.abs(foremost.y - projection.nipple.yMm)).toBeLessThan(8);
      expect(foremost.x).toBeGreaterThan(projection.nipple.xMm);
      expect(projection.pectoral === undefined).toBe(view === "CC");
    }
  });

  it("keeps the depth behind the nipple and moves a lateral and superior lesion up", () => {
    const anatomy = sampleBreastAnatomy(createRandom(1));
    for (const view of ["CC", "MLO"] as const) {
      const projection = projectBreast(anatomy, view, frame);
      const point = projectPosition(projection, { behindNippleMm: 40, lateralMm: 10, superiorMm: 20 });
      expect(projection.nipple.xMm - point.xMm).toBeCloseTo(40, 10);
      expect(point.yMm).toBeLessThan(projection.nipple.yMm);
    }
  });
});

describe("renderTissue", () => {
  it("shows more dense tissue for a larger gland share and nothing outside the breast", () => {
    const synthesizer = createTissueSynthesizer(frame);
    const projection = projectBreast(sampleBreastAnatomy(createRandom(3)), "CC", frame);
    const skinDistance = skinDistanceMm(projection, frame);
    const fields = synthesizeFields(synthesizer, createRandom(4));
    const denseShares = [0.1, 0.3, 0.5, 0.75].map((glandShare) => {
      const tissue = renderTissue({
        frame,
        fields,
        projection,
        glandShare,
        skinDistance,
        random: createRandom(5),
      });
      let dense = 0;
      let breast = 0;
      expect(tissue.some((value, index) => skinDistance[index]! < -1 && value !== 0)).toBe(false);
      tissue.forEach((value, index) => {
        if (skinDistance[index]! <= 0) return;
        breast++;
        if (value > 0.36) dense++;
      });
      return dense / breast;
    });
    expect(denseShares).toEqual([...denseShares].sort((a, b) => a - b));
    expect(denseShares[0]).toBeLessThan(0.15);
    expect(denseShares[3]).toBeGreaterThan(0.5);
  });
});
