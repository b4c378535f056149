import { expect, test } from "vitest";
import { quantile, resampledMedian } from "./quantile.ts";
import { createRandom } from "./random.ts";

test("the median of a resample by multiplicities is that of the resample written out", () => {
  const random = createRandom(3);
  for (let round = 0; round < 200; round++) {
    const values = Array.from({ length: 1 + random.nextInt(9) }, () => random.nextInt(6));
    const times = Uint32Array.from(values, () => random.nextInt(3));
    const written = values.flatMap((value, index) => Array.from({ length: times[index] ?? 0 }, () => value));
    const expected = written.length === 0 ? undefined : quantile(written, 0.5);
    expect(resampledMedian(values)(times)).toBe(expected);
  }
});
