import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { createRandom } from "./random.ts";

describe("createRandom", () => {
  test("repeats its stream for the same seed and differs for another", () => {
    const draw = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(42)).toEqual(draw(42));
    expect(draw(42)).not.toEqual(draw(43));
  });

  test("is xoshiro128** on splitmix32 seeds: the first words of seed 42 stay as they are", () => {
    const random = createRandom(42);
    expect(Array.from({ length: 4 }, () => random.next() * 2 ** 32)).toEqual(naiveXoshiro(42, 4));
  });

  test("has uniform moments", () => {
    const random = createRandom(1);
    const values = Array.from({ length: 20_000 }, () => random.next());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(square).toBeCloseTo(1 / 3, 2);
  });

  test("has standard normal moments", () => {
    const random = createRandom(2);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.03);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.04);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.25);
  });

  test("forks do not depend on what was drawn before", () => {
    const used = createRandom(7);
    used.next();
    used.normal();
    expect(used.fork("site-a").next()).toBe(createRandom(7).fork("site-a").next());
    expect(used.fork("site-a").next()).not.toBe(used.fork("site-b").next());
  });

  test.prop([fc.integer(), fc.integer({ min: 1, max: 1000 })])(
    "nextInt stays below its bound",
    (seed, bound) => {
      const random = createRandom(seed);
      for (let draw = 0; draw < 20; draw++) {
        const value = random.nextInt(bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      }
    },
  );

  test.prop([fc.integer(), fc.array(fc.integer(), { maxLength: 40 })])(
    "shuffle permutes and leaves its input alone",
    (seed, items) => {
      const before = [...items];
      const shuffled = createRandom(seed).shuffle(items);
      expect(items).toEqual(before);
      expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
    },
  );

  test("shuffle reaches every order equally often", () => {
    const random = createRandom(3);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const key = random.shuffle(["a", "b", "c"]).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

/** The published algorithm on 64-bit integers, masked to 32 bits. */
function naiveXoshiro(seed: number, count: number): number[] {
  const mask = 0xffff_ffffn;
  let counter = BigInt(seed);
  const splitMix = () => {
    counter = (counter + 0x9e37_79b9n) & mask;
    let z = counter;
    z = ((z ^ (z >> 16n)) * 0x85eb_ca6bn) & mask;
    z = ((z ^ (z >> 13n)) * 0xc2b2_ae35n) & mask;
    return z ^ (z >> 16n);
  };
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const s = [splitMix(), splitMix(), splitMix(), splitMix()] as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}
