import { readFileSync } from "node:fs";
import { createRandom } from "@crossread/metrics/random";
import { expect, it } from "vitest";
import { z } from "zod";
import { applyAugmentation } from "./augment.ts";
import { createBalancedSampler } from "./balanced-sampler.ts";
import { normalisationOf, normaliseInto, sumPixels } from "./normalisation.ts";

const golden = z
  .object({
    sizePx: z.number(),
    positions: z.array(z.number()),
    augmentations: z.array(
      z.object({
        rotationDegrees: z.number(),
        translationXPx: z.number(),
        translationYPx: z.number(),
        scale: z.number(),
        isFlipped: z.boolean(),
        isContrastShifted: z.boolean(),
        values: z.array(z.number()),
      }),
    ),
    sampler: z.object({ labels: z.array(z.number()), draws: z.number(), counts: z.array(z.number()) }),
    normalisation: z.object({
      shifts: z.array(z.number()),
      mean: z.number(),
      standardDeviation: z.number(),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL("../golden/data-preparation/cases.json", import.meta.url), "utf8")));

const { positions, sizePx } = golden;
const wave = (shift: number) =>
  Float32Array.from({ length: sizePx * sizePx }, (_, index) => {
    const y = Math.floor(index / sizePx);
    return 0.5 + 0.5 * Math.sin(0.4 * (index % sizePx) + 0.013 * y * y + shift);
  });

it.each(golden.augmentations)(
  "augments as torchvision does: $rotationDegrees°, ($translationXPx, $translationYPx) px, × $scale, flip $isFlipped, contrast $isContrastShifted",
  ({ values, ...augmentation }) => {
    const pixels = applyAugmentation(wave(0), sizePx, augmentation);
    positions.forEach((position, index) => {
      expect(Math.abs(pixels[position]! - values[index]!), `at ${position}`).toBeLessThan(2e-5);
    });
  },
);

it("draws examples by the law of torch's WeightedRandomSampler", () => {
  const { counts, draws, labels } = golden.sampler;
  const ours = new Float64Array(labels.length);
  for (const position of createBalancedSampler(labels, createRandom(42)).draw(draws)) ours[position]! += 1;
  const chiSquare = counts.reduce((sum, theirs, index) => {
    const mine = ours[index]!;
    return sum + (theirs - mine) ** 2 / (theirs + mine);
  }, 0);
  expect(chiSquare).toBeLessThan(80.4); // p = 1e-6 with 29 degrees of freedom
});

it("normalises by NumPy's mean and deviation of the training set", () => {
  const { mean, shifts, standardDeviation } = golden.normalisation;
  const images = shifts.map(wave);
  const normalisation = normalisationOf(sumPixels(images));
  expect(Math.abs(normalisation.mean / mean - 1)).toBeLessThan(1e-6);
  expect(Math.abs(normalisation.standardDeviation / standardDeviation - 1)).toBeLessThan(1e-6);
  const all = images.map((image) => {
    const target = new Float32Array(image.length);
    normaliseInto(target, image, normalisation);
    return target;
  });
  const again = normalisationOf(sumPixels(all));
  expect(Math.abs(again.mean)).toBeLessThan(1e-6);
  expect(Math.abs(again.standardDeviation - 1)).toBeLessThan(1e-6);
});
