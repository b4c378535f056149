import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { learningRateAt } from "./learning-rate.ts";

const scheduleSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("cosine"), floorShare: z.number() }),
  z.object({ kind: z.literal("step"), everyEpochs: z.number(), factor: z.number() }),
]);
const golden = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        plan: z.object({
          learningRate: z.number(),
          warmUpSteps: z.number().default(0),
          schedule: scheduleSchema,
        }),
        steps: z.number(),
        stepsPerEpoch: z.number(),
        rates: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("../golden/learning-rate/cases.json", import.meta.url), "utf8")));

it.each(golden.cases)("follows torch: $name", ({ plan, rates, steps, stepsPerEpoch }) => {
  rates.forEach((rate, step) => {
    expect(Math.abs(learningRateAt(plan, { step, steps, stepsPerEpoch }) / rate - 1)).toBeLessThan(1e-12);
  });
  expect(rates).toHaveLength(steps);
});

it("is constant where nothing else is asked for", () => {
  const rates = [0, 7, 99].map((step) =>
    learningRateAt({ learningRate: 1e-5 }, { step, steps: 100, stepsPerEpoch: 10 }),
  );
  expect(rates).toEqual([1e-5, 1e-5, 1e-5]);
});
