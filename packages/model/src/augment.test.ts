import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { applyAugmentation, augment, drawAugmentation, type Augmentation } from "./augment.ts";

const size = 64;
const identity: Augmentation = {
  rotationDegrees: 0,
  translationXPx: 0,
  translationYPx: 0,
  scale: 1,
  isFlipped: false,
  isContrastShifted: false,
};

/** Gaussian spot; sub-pixel positions are measured as its centre of mass. */
function spot(x: number, y: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, index) =>
    Math.exp(-(((index % size) - x) ** 2) / 8 - (Math.floor(index / size) - y) ** 2 / 8),
  );
}

function centreOfMass(pixels: Float32Array): { x: number; y: number } {
  let mass = 0;
  let x = 0;
  let y = 0;
  pixels.forEach((value, index) => {
    mass += value;
    x += value * (index % size);
    y += value * Math.floor(index / size);
  });
  return { x: x / mass, y: y / mass };
}

describe("applyAugmentation", () => {
  const centre = (size - 1) / 2;

  it("changes nothing for the identity and never writes to its input", () => {
    const pixels = spot(20, 30);
    const before = pixels.slice();
    expect(applyAugmentation(pixels, size, identity)).toEqual(before);
    applyAugmentation(pixels, size, { ...identity, rotationDegrees: 5, isContrastShifted: true });
    expect(pixels).toEqual(before);
  });

  it.each<[string, Partial<Augmentation>, { x: number; y: number }]>([
    ["translates to the right and down", { translationXPx: 5, translationYPx: -3 }, { x: 25, y: 27 }],
    ["mirrors left and right", { isFlipped: true }, { x: 43, y: 30 }],
    [
      "enlarges about the centre",
      { scale: 1.1 },
      { x: centre + 1.1 * (20 - centre), y: centre + 1.1 * (30 - centre) },
    ],
    [
      "rotates clockwise on the screen about the centre",
      { rotationDegrees: 10 },
      {
        x: centre + (20 - centre) * Math.cos(Math.PI / 18) - (30 - centre) * Math.sin(Math.PI / 18),
        y: centre + (20 - centre) * Math.sin(Math.PI / 18) + (30 - centre) * Math.cos(Math.PI / 18),
      },
    ],
  ])("%s", (_name, change, expected) => {
    const moved = centreOfMass(applyAugmentation(spot(20, 30), size, { ...identity, ...change }));
    expect(Math.abs(moved.x - expected.x)).toBeLessThan(0.05);
    expect(Math.abs(moved.y - expected.y)).toBeLessThan(0.05);
  });

  it("shifts contrast by 1.1 · I + 10 in 8-bit units and saturates", () => {
    const shifted = applyAugmentation(Float32Array.of(0, 100 / 255, 1, 0.4), 2, {
      ...identity,
      isContrastShifted: true,
    });
    expect([...shifted].map((value) => value * 255).map((value) => Math.round(value * 10) / 10)).toEqual([
      10, 120, 255, 122.2,
    ]);
  });

  it("fills what comes from outside the frame with 0", () => {
    const white = new Float32Array(size * size).fill(1);
    const moved = applyAugmentation(white, size, { ...identity, translationXPx: 4 });
    expect([...moved.subarray(0, 6)]).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

describe("drawAugmentation", () => {
  const draws = Array.from({ length: 4000 }, (_, index) =>
    drawAugmentation(224, createRandom(1).fork(String(index))),
  );

  it("stays within the paper's ranges and reaches their ends", () => {
    const range = (pick: (draw: Augmentation) => number) => {
      const values = draws.map(pick);
      return [Math.min(...values), Math.max(...values)];
    };
    expect(range((draw) => draw.translationXPx)).toEqual([-11, 11]);
    expect(range((draw) => draw.translationYPx)).toEqual([-11, 11]);
    const [least, most] = range((draw) => draw.rotationDegrees);
    expect(least!).toBeGreaterThanOrEqual(-10);
    expect(least!).toBeLessThan(-9.9);
    expect(most!).toBeLessThan(10);
    expect(most!).toBeGreaterThan(9.9);
    expect(new Set(draws.map((draw) => draw.scale))).toEqual(new Set([0.9, 1, 1.1]));
  });

  it("flips and shifts the contrast of every second image, independently", () => {
    const share = (test: (draw: Augmentation) => boolean) => draws.filter(test).length / draws.length;
    expect(Math.abs(share((draw) => draw.isFlipped) - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(share((draw) => draw.isContrastShifted) - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(share((draw) => draw.isFlipped && draw.isContrastShifted) - 0.25)).toBeLessThan(0.04);
  });

  it("depends on the seed only", () => {
    const pixels = spot(20, 30);
    expect(augment(pixels, size, createRandom(3))).toEqual(augment(pixels, size, createRandom(3)));
    expect(augment(pixels, size, createRandom(3))).not.toEqual(augment(pixels, size, createRandom(4)));
  });
});
