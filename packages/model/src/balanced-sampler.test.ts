import { createRandom } from "@crossread/metrics/random";
import { expect, it } from "vitest";
import { createBalancedSampler } from "./balanced-sampler.ts";

const labels = Array.from({ length: 100 }, (_, index) => (index % 10 === 0 ? 1 : 0));

it("draws both classes equally often and every example of a class equally often", () => {
  const drawn = createBalancedSampler(labels, createRandom(5)).draw(40_000);
  const malignant = drawn.filter((position) => labels[position] === 1);
  // five standard deviations of a binomial with 40 000 draws
  expect(Math.abs(malignant.length / drawn.length - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / drawn.length));
  const counts = new Map<number, number>();
  for (const position of drawn) counts.set(position, (counts.get(position) ?? 0) + 1);
  expect(counts.size).toBe(100);
  for (const [position, count] of counts) {
    const expected = 20_000 / (labels[position] === 1 ? 10 : 90);
    expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
  }
});

it("draws the same positions for the same seed", () => {
  const draw = (seed: number) => createBalancedSampler(labels, createRandom(seed)).draw(20);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

it.each([[[]], [[0, 0, 0]], [[1]]])("refuses the one-class labels %j", (oneClass: number[]) => {
  expect(() => createBalancedSampler(oneClass, createRandom(1))).toThrow(
    expect.objectContaining({ code: "one-class-cohort" }),
  );
});
