import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { createPowerLawSynthesizer, sampleField, type PeriodicField } from "./power-law-noise.ts";

/** Power at one frequency along the rows, by the definition of the transform, averaged over rows. */
function naiveRowPower(field: PeriodicField, frequency: number): number {
  const { sizePx, values } = field;
  let total = 0;
  for (let y = 0; y < sizePx; y++) {
    let real = 0;
    let imaginary = 0;
    for (let x = 0; x < sizePx; x++) {
      const angle = (2 * Math.PI * frequency * x) / sizePx;
      real += values[y * sizePx + x]! * Math.cos(angle);
      imaginary -= values[y * sizePx + x]! * Math.sin(angle);
    }
    total += real * real + imaginary * imaginary;
  }
  return total / sizePx;
}

describe("createPowerLawSynthesizer", () => {
  it.each([2, 3])("makes fields whose spectrum falls with exponent %d", (exponent) => {
    const synthesize = createPowerLawSynthesizer(128, exponent);
    const logRatios: number[] = [];
    for (let seed = 0; seed < 12; seed++) {
      for (const field of synthesize(createRandom(seed))) {
        logRatios.push(Math.log2(naiveRowPower(field, 4) / naiveRowPower(field, 16)));
      }
    }
    // A one-dimensional cut through an isotropic 1/f^β spectrum falls as 1/f^(β−1): two octaves apart.
    const slope = logRatios.reduce((sum, value) => sum + value, 0) / logRatios.length / 2;
    expect(slope).toBeGreaterThan(exponent - 1.3);
    expect(slope).toBeLessThan(exponent - 0.7);
  });

  it("has mean 0 and variance 1 and gives two different fields", () => {
    const [first, second] = createPowerLawSynthesizer(64, 3)(createRandom(1));
    for (const { values } of [first, second]) {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 4);
    }
    expect(first.values).not.toEqual(second.values);
  });

  it("refuses an edge that is no power of two", () => {
    expect(() => createPowerLawSynthesizer(100, 3)).toThrow("power-of-two edge");
  });

  it("samples across the seam as if the field went on", () => {
    const [field] = createPowerLawSynthesizer(64, 3)(createRandom(1));
    expect(sampleField(field, 3.25, 5.5)).toBeCloseTo(sampleField(field, 3.25 - 64, 5.5 + 128), 5);
    expect(sampleField(field, 7, 9)).toBe(field.values[9 * 64 + 7]);
  });
});
