import { readFileSync } from "node:fs";
import { test as propertyTest, fc } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createRowPreprocessor, fitTransform, preprocess, toImageFrame, toInputFrame } from "./preprocess.ts";

const golden = z
  .object({
    cases: z.array(
      z.object({
        widthPx: z.number(),
        heightPx: z.number(),
        inputSizePx: z.number(),
        positions: z.array(z.number()),
        values: z.array(z.number()),
        sum: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("../golden/preprocess/cases.json", import.meta.url), "utf8")));

const image = (widthPx: number, heightPx: number, value: (x: number, y: number) => number) => ({
  widthPx,
  heightPx,
  values: Float32Array.from({ length: widthPx * heightPx }, (_, index) =>
    value(index % widthPx, Math.floor(index / widthPx)),
  ),
});

describe("preprocess", () => {
  it.each(golden.cases)("resizes $widthPx × $heightPx to $inputSizePx as Pillow does", (expected) => {
    const wave = image(
      expected.widthPx,
      expected.heightPx,
      (x, y) => 0.5 + 0.5 * Math.sin(0.9 * x + 0.31 * y * y),
    );
    const { pixels } = preprocess(wave, expected.inputSizePx);
    expected.positions.forEach((position, index) => {
      expect(Math.abs(pixels[position]! - expected.values[index]!)).toBeLessThan(2e-6);
    });
    expect(Math.abs(pixels.reduce((a, b) => a + b, 0) / expected.sum - 1)).toBeLessThan(1e-6);
  });

  it("pads both sides of the short axis equally with zeros and fills the rest", () => {
    const { pixels } = preprocess(
      image(20, 40, () => 1),
      16,
    );
    for (let y = 0; y < 16; y++) {
      const row = [...pixels.subarray(y * 16, (y + 1) * 16)];
      expect(row).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    }
  });

  it("keeps a one-pixel calcification visible when reducing eighteen times", () => {
    const { pixels } = preprocess(
      image(1152, 1152, (x, y) => (x === 701 && y === 333 ? 1 : 0)),
      64,
    );
    expect(pixels.reduce((a, b) => a + b, 0)).toBeCloseTo(1 / 18 ** 2, 5);
  });

  it("carries a bright square to where the transform says it is", () => {
    const widthPx = 333;
    const heightPx = 517;
    const { chain, pixels } = preprocess(
      image(widthPx, heightPx, (x, y) => (Math.abs(x - 250) <= 20 && Math.abs(y - 100) <= 20 ? 1 : 0)),
      96,
    );
    let mass = 0;
    let x = 0;
    let y = 0;
    pixels.forEach((value, index) => {
      mass += value;
      x += value * ((index % 96) + 0.5);
      y += value * (Math.floor(index / 96) + 0.5);
    });
    const expected = toInputFrame(chain, { x: 250.5, y: 100.5 });
    expect(Math.abs(x / mass - expected.x)).toBeLessThan(0.02);
    expect(Math.abs(y / mass - expected.y)).toBeLessThan(0.02);
  });
});

describe("preprocess of any size", () => {
  const side = fc.integer({ min: 1, max: 90 });
  propertyTest.prop([side, side, fc.integer({ min: 4, max: 48 })])(
    "is the triangle filter, normalised, and the same row by row",
    (widthPx, heightPx, size) => {
      const picture = image(widthPx, heightPx, (x, y) => ((x * 7919 + y * 104729) % 997) / 997);
      const { chain, pixels } = preprocess(picture, size);
      const rows = createRowPreprocessor(picture, size);
      for (let y = 0; y < heightPx; y++) {
        rows.addRow(picture.values.slice(y * widthPx, (y + 1) * widthPx), y);
      }
      expect(rows.finish()).toEqual({ chain, pixels });
      const reach = Math.max(1, 1 / chain.scale);
      for (let target = 0; target < size * size; target++) {
        const centre = toImageFrame(chain, { x: (target % size) + 0.5, y: Math.floor(target / size) + 0.5 });
        let [sum, total] = [0, 0];
        const isOutside = Math.min(centre.x, centre.y) < 0 || centre.x >= widthPx || centre.y >= heightPx;
        for (let at = 0; at < picture.values.length && !isOutside; at++) {
          const across = 1 - Math.abs((at % widthPx) + 0.5 - centre.x) / reach;
          const down = 1 - Math.abs(Math.floor(at / widthPx) + 0.5 - centre.y) / reach;
          const weight = Math.max(0, across) * Math.max(0, down);
          sum += weight * picture.values[at]!;
          total += weight;
        }
        expect(Math.abs(pixels[target]! - (total === 0 ? 0 : sum / total))).toBeLessThan(2e-6);
      }
    },
  );
});

describe("fitTransform", () => {
  it("puts the image's corners on the frame, centred", () => {
    const chain = fitTransform(100, 200, 50);
    expect(toInputFrame(chain, { x: 0, y: 0 })).toEqual({ x: 12.5, y: 0 });
    expect(toInputFrame(chain, { x: 100, y: 200 })).toEqual({ x: 37.5, y: 50 });
  });

  const side = fc.integer({ min: 1, max: 5000 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  propertyTest.prop([side, side, fc.integer({ min: 16, max: 512 }), fc.tuple(share, share)])(
    "maps a point there and back",
    (width, height, size, [u, v]) => {
      const chain = fitTransform(width, height, size);
      const point = { x: u * width, y: v * height };
      const there = toInputFrame(chain, point);
      const back = toImageFrame(chain, there);
      expect(Math.abs(back.x - point.x)).toBeLessThan(1e-6);
      expect(Math.abs(back.y - point.y)).toBeLessThan(1e-6);
      expect(Math.min(there.x, there.y)).toBeGreaterThan(-1e-6);
      expect(Math.max(there.x, there.y)).toBeLessThan(size + 1e-6);
    },
  );
});
