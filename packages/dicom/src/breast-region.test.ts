import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { findBreastRegion, statedChestWallSide } from "./breast-region.ts";
import { largestComponent } from "./largest-component.ts";
import { otsuThreshold } from "./otsu-threshold.ts";
import { decodePgm } from "./pgm.ts";

const mias = testData("mias");

/** Otsu's definition: try every cut, compute both classes from scratch. */
function naiveOtsu(values: readonly number[]): number | undefined {
  let best = 0;
  let threshold: number | undefined;
  const bins = values.map((value) => Math.min(Math.floor(value * 256), 255));
  for (let cut = 0; cut < 255; cut++) {
    const dark = bins.filter((bin) => bin <= cut);
    const bright = bins.filter((bin) => bin > cut);
    if (dark.length === 0 || bright.length === 0) continue;
    const mean = (part: number[]) => part.reduce((sum, bin) => sum + bin, 0) / part.length;
    const variance = (dark.length * bright.length * (mean(dark) - mean(bright)) ** 2) / bins.length ** 2;
    if (variance > best * (1 + 1e-12)) {
      best = variance;
      threshold = (cut + 1) / 256;
    }
  }
  return threshold;
}

/** Flood fill by definition. */
function naiveLargest(mask: Uint8Array, widthPx: number): number[] {
  const seen = new Set<number>();
  let largest: number[] = [];
  mask.forEach((value, first) => {
    if (value === 0 || seen.has(first)) return;
    const found = [first];
    seen.add(first);
    for (const pixel of found) {
      const x = pixel % widthPx;
      const neighbours = [pixel - widthPx, pixel + widthPx];
      if (x > 0) neighbours.push(pixel - 1);
      if (x < widthPx - 1) neighbours.push(pixel + 1);
      for (const next of neighbours) {
        if (mask[next] !== 1 || seen.has(next)) continue;
        seen.add(next);
        found.push(next);
      }
    }
    if (found.length > largest.length) largest = found;
  });
  return largest.toSorted((a, b) => a - b);
}

describe("otsuThreshold", () => {
  it("equals the definition on random mixtures", () => {
    const random = createRandom(5);
    for (let run = 0; run < 20; run++) {
      const values = Array.from({ length: 300 }, (_, index) =>
        Math.min(Math.max((index % 3 === 0 ? 0.7 : 0.2) + 0.1 * random.normal(), 0), 1),
      );
      expect(otsuThreshold(Float32Array.from(values))).toBe(naiveOtsu(values.map(Math.fround)));
    }
  });

  it("has no answer for a constant image", () => {
    expect(otsuThreshold(new Float32Array(10).fill(0.3))).toBeUndefined();
  });
});

describe("largestComponent", () => {
  it("equals a flood fill on random masks, bounding box included", () => {
    const random = createRandom(11);
    for (let run = 0; run < 60; run++) {
      const widthPx = 3 + random.nextInt(30);
      const heightPx = 1 + random.nextInt(30);
      const mask = Uint8Array.from({ length: widthPx * heightPx }, () => (random.next() < 0.58 ? 1 : 0));
      const expected = naiveLargest(mask, widthPx);
      const component = largestComponent(mask, widthPx);
      const pixels = [...(component?.mask ?? [])].flatMap((value, index) => (value === 1 ? [index] : []));
      expect(pixels).toEqual(expected);
      if (component === undefined) continue;
      const xs = expected.map((pixel) => pixel % widthPx);
      const ys = expected.map((pixel) => Math.floor(pixel / widthPx));
      const [xPx, yPx] = [Math.min(...xs), Math.min(...ys)];
      expect(component.pixelCount).toBe(expected.length);
      expect(component.boundingBox).toEqual({
        xPx,
        yPx,
        widthPx: Math.max(...xs) - xPx + 1,
        heightPx: Math.max(...ys) - yPx + 1,
      });
    }
  });

  it("does not join pixels that touch at a corner only", () => {
    expect(largestComponent(Uint8Array.of(1, 1, 0, 0, 0, 1), 3)?.pixelCount).toBe(2);
  });
});

/** Half an ellipse at one side, on a background that is not black, with a bright marker in the far corner. */
function phantom(side: "left" | "right") {
  const [widthPx, heightPx] = [60, 100];
  const values = Float32Array.from({ length: widthPx * heightPx }, (_, index) => {
    const x = index % widthPx;
    const y = Math.floor(index / widthPx);
    const depth = side === "left" ? x : widthPx - 1 - x;
    if (depth > 52 && y < 8) return 1;
    return (depth / 40) ** 2 + ((y - 50) / 45) ** 2 < 1 ? 0.6 : 0.08;
  });
  return { widthPx, heightPx, values };
}

describe("findBreastRegion", () => {
  it.each(["left", "right"] as const)("finds the breast at the %s and leaves the marker out", (side) => {
    const region = findBreastRegion(phantom(side));
    expect(region?.chestWallSide).toBe(side);
    expect(region?.boundingBox).toEqual({ xPx: side === "left" ? 0 : 20, yPx: 6, widthPx: 40, heightPx: 89 });
    expect(region?.areaFraction).toBeCloseTo((Math.PI * 40 * 45) / 2 / 6000, 1);
  });

  it("finds it on a background that is nowhere zero, uneven and noisy", () => {
    const random = createRandom(3);
    const { heightPx, values, widthPx } = phantom("right");
    const uneven = values.map((value, index) => {
      const lift = value < 0.1 ? 0.15 * (index / values.length) : 0;
      return Math.min(1, value + lift + 0.04 * random.next());
    });
    const region = findBreastRegion({ widthPx, heightPx, values: uneven });
    expect(region?.chestWallSide).toBe("right");
    expect(region?.boundingBox).toEqual({ xPx: 20, yPx: 6, widthPx: 40, heightPx: 89 });
  });

  it("finds nothing in a blank image", () => {
    expect(findBreastRegion({ widthPx: 4, heightPx: 4, values: new Float32Array(16) })).toBeUndefined();
  });
});

describe.skipIf(mias === undefined)("findBreastRegion on mini-MIAS", () => {
  // Odd films are right breasts with the chest wall at the right, even ones left; every tenth pair is read (three films are known to be missed: 151, 152, 261).
  it.each(Array.from({ length: 16 }, (_, index) => 5 + 20 * index))("finds the sides of pair %i", (first) => {
    const sideOf = (film: number) => {
      const name = `mdb${String(film).padStart(3, "0")}.pgm`;
      return findBreastRegion(decodePgm(readFileSync(join(mias ?? "", "pgm", name)), name))?.chestWallSide;
    };
    expect([sideOf(first), sideOf(first + 1)]).toEqual(["right", "left"]);
  });
});

describe("statedChestWallSide", () => {
  it("follows the direction of the rows", () => {
    const stated = (
      [
        ["A", "R"],
        ["P", "FL"],
        ["L", "F"],
      ] as const
    ).map(statedChestWallSide);
    expect([...stated, statedChestWallSide(undefined)]).toEqual(["left", "right", undefined, undefined]);
  });
});
