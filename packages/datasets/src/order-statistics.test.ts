import { createRandom } from "@crossread/metrics/random";
import { expect, test } from "vitest";
import { orderStatistics } from "./order-statistics.ts";

test("are what stands at their ranks when all values are sorted, of either sign and with ties", () => {
  const random = createRandom(5);
  for (const length of [1, 2, 7, 5_000]) {
    const values = Float32Array.from({ length }, () =>
      random.next() < 0.3 ? random.nextInt(3) - 1 : random.normal() * 10 ** (random.nextInt(20) - 15),
    );
    const sorted = values.slice().sort();
    for (let first = 0; first < length; first += Math.ceil(length / 11)) {
      const second = length - 1 - first;
      expect(orderStatistics(values, [first, second])).toEqual([sorted[first], sorted[second]]);
    }
  }
});
