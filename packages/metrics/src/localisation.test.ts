import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { energyInside, overlapAtThresholds, pointingGame } from "./localisation.ts";
import { rasteriseMarks } from "./mark-mask.ts";

const frame = { widthPx: 4, heightPx: 3 };

function mapOf(...values: number[]) {
  return { ...frame, values: Float32Array.from(values) };
}

describe("rasteriseMarks", () => {
  test("y runs downwards and a pixel belongs to a mark that holds its centre", () => {
    const mask = rasteriseMarks(frame, [{ shape: "circle", xPx: 3, yPx: 1, radiusPx: 0.8 }]);
    expect([...mask]).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0]);
  });

  test("a polygon covers the pixels inside it and marks are united", () => {
    const square = [
      { xPx: 0, yPx: 1 },
      { xPx: 2, yPx: 1 },
      { xPx: 2, yPx: 3 },
      { xPx: 0, yPx: 3 },
    ];
    const mask = rasteriseMarks(frame, [
      { shape: "polygon", points: square },
      { shape: "circle", xPx: 3.5, yPx: 0.5, radiusPx: 0.1 },
    ]);
    expect([...mask]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0]);
  });

  test("a mark smaller than a pixel covers the pixel of its centre", () => {
    const mask = rasteriseMarks(frame, [{ shape: "circle", xPx: 1.1, yPx: 2.1, radiusPx: 0.1 }]);
    expect([...mask]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  test("the area of a large circle is πr²", () => {
    const mask = rasteriseMarks({ widthPx: 300, heightPx: 300 }, [
      { shape: "circle", xPx: 150, yPx: 140, radiusPx: 100 },
    ]);
    const area = mask.reduce((sum, pixel) => sum + pixel, 0);
    expect(Math.abs(area / (Math.PI * 100 ** 2) - 1)).toBeLessThan(0.002);
  });

  test("refuses a mark outside the map, no radius and a polygon of two points", () => {
    expect(() => rasteriseMarks(frame, [{ shape: "circle", xPx: 9, yPx: 1, radiusPx: 1 }])).toThrow(
      expect.objectContaining({ code: "mark-outside-map" }),
    );
    expect(() => rasteriseMarks(frame, [{ shape: "circle", xPx: 1, yPx: 1, radiusPx: 0 }])).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
    const points = [
      { xPx: 0, yPx: 0 },
      { xPx: 1, yPx: 1 },
    ];
    expect(() => rasteriseMarks(frame, [{ shape: "polygon", points }])).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });
});

describe("map metrics", () => {
  const mask = Uint8Array.from([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  const map = mapOf(4, 2, 2, 0, 1, 0, 1, 0, 0, 0, 0, 0);

  test("agree with values worked out by hand", () => {
    expect(pointingGame(map, mask)).toBe(1);
    expect(energyInside(map, mask)).toBe(0.7);
    expect(overlapAtThresholds(map, mask, [0.25, 0.5, 1])).toEqual([
      { threshold: 0.25, iou: 3 / 6, dice: 6 / 9, hotShare: 5 / 12 },
      { threshold: 0.5, iou: 2 / 5, dice: 4 / 7, hotShare: 3 / 12 },
      { threshold: 1, iou: 1 / 4, dice: 2 / 5, hotShare: 1 / 12 },
    ]);
  });

  test("a maximum shared by pixels inside and outside counts by share", () => {
    expect(pointingGame(mapOf(5, 0, 5, 5, 0, 0, 0, 0, 0, 0, 0, 5), mask)).toBe(0.25);
  });

  test.prop([
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 12 }),
    fc.integer({ min: 1, max: 50 }),
  ])("do not change with the scale of the map; Dice is 2·IoU/(1+IoU)", (values, scale) => {
    fc.pre(values.some((value) => value > 0));
    const one = mapOf(...values);
    const other = mapOf(...values.map((value) => value * scale));
    expect(energyInside(other, mask)).toBeCloseTo(energyInside(one, mask), 12);
    expect(pointingGame(other, mask)).toBe(pointingGame(one, mask));
    for (const { iou, dice } of overlapAtThresholds(one, mask, [0.2, 0.5, 0.9])) {
      expect(dice).toBeCloseTo((2 * iou) / (1 + iou), 12);
    }
  });

  test("refuse a flat map, negative values, another size, an empty mask and a threshold of 0", () => {
    const flat = { ...frame, values: new Float32Array(12) };
    expect(() => pointingGame(flat, mask)).toThrow(expect.objectContaining({ code: "flat-map" }));
    expect(() => energyInside(flat, mask)).toThrow(expect.objectContaining({ code: "flat-map" }));
    expect(() => energyInside({ ...frame, values: [-1] }, mask)).toThrow(
      expect.objectContaining({ code: "length-mismatch" }),
    );
    expect(() => energyInside(mapOf(-1, ...Array<number>(11).fill(1)), mask)).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
    expect(() => overlapAtThresholds(map, new Uint8Array(12), [0.5])).toThrow(
      expect.objectContaining({ code: "empty" }),
    );
    expect(() => overlapAtThresholds(map, mask, [0])).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
    expect(() => pointingGame(map, new Uint8Array(3))).toThrow(
      expect.objectContaining({ code: "length-mismatch" }),
    );
  });
});
