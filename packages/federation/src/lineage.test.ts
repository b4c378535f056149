import { describe, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { deltaNorm, describeContributions, updateDigest, weightsDigest } from "./lineage.ts";
import type { SiteUpdate } from "./update.ts";

function update(siteId: string, exampleCount: number, weights: readonly number[]): SiteUpdate {
  return {
    siteId,
    roundNumber: 1,
    baseDigest: "base",
    exampleCount,
    weights: Float32Array.from(weights),
    statistics: new Float32Array(0),
  };
}

describe("lineage", () => {
  test("norm and cosine to the weighted mean are those worked out by hand", () => {
    const base = Float32Array.of(1, 1);
    // Deltas (3, 4) and (0, −4), counts 1 and 3: mean delta (0.75, −2).
    const rows = describeContributions(base, [update("b", 3, [1, -3]), update("a", 1, [4, 5])]);
    const meanNorm = Math.hypot(0.75, -2);
    expect(rows.map(({ updateDigest: _digest, ...row }) => row)).toEqual([
      {
        siteId: "a",
        exampleCount: 1,
        deltaNorm: 5,
        cosineToMean: expect.closeTo((3 * 0.75 - 4 * 2) / (5 * meanNorm), 12),
      },
      { siteId: "b", exampleCount: 3, deltaNorm: 4, cosineToMean: expect.closeTo(8 / (4 * meanNorm), 12) },
    ]);
    expect(deltaNorm(Float32Array.of(4, 5), base)).toBe(5);
  });

  test("a site that did not move has no direction", () => {
    const rows = describeContributions(Float32Array.of(1), [update("a", 1, [1]), update("b", 1, [2])]);
    expect(rows.map(({ deltaNorm: norm, cosineToMean }) => [norm, cosineToMean])).toEqual([
      [0, null],
      [1, 1],
    ]);
  });

  test("digests are sha256 over little-endian float32 and change with every field", () => {
    const one = { weights: Float32Array.of(1), statistics: new Float32Array(0) };
    const bytes = Buffer.concat([Buffer.from("1,0;"), Buffer.from([0, 0, 0x80, 0x3f])]);
    expect(weightsDigest(one)).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(weightsDigest({ weights: one.statistics, statistics: one.weights })).not.toBe(weightsDigest(one));
    const original = update("a", 1, [1]);
    const variants: Partial<SiteUpdate>[] = [
      { siteId: "b" },
      { roundNumber: 2 },
      { baseDigest: "other" },
      { exampleCount: 2 },
      { weights: Float32Array.of(2) },
      { statistics: Float32Array.of(0) },
    ];
    const digests = [original, ...variants.map((change) => ({ ...original, ...change }))].map(updateDigest);
    expect(new Set(digests).size).toBe(7);
    expect(updateDigest(update("a", 1, [1]))).toBe(digests[0]);
  });

  test("refuses no update and no example", () => {
    expect(() => describeContributions(new Float32Array(1), [])).toThrow(
      expect.objectContaining({ code: "aggregation-empty" }),
    );
    expect(() => describeContributions(new Float32Array(1), [update("a", 0, [1])])).toThrow(
      expect.objectContaining({ code: "update-no-examples" }),
    );
  });
});
