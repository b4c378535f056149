import { expect, it } from "vitest";
import { createTimeLeft } from "./time-left.ts";

it("estimates from what was measured, without the slow first step, by an injected clock", async () => {
  let now = 0;
  const timeLeft = createTimeLeft(() => now);
  const work = (kind: "step" | "tuning", ms: number) =>
    timeLeft.measure(kind, () => {
      now += ms;
      return Promise.resolve(kind);
    });
  expect(timeLeft.estimate({ steps: 10, tunings: 1 })).toBeNull();
  await work("step", 5000);
  expect(timeLeft.estimate({ steps: 2, tunings: 0 })).toBe(10_000);
  await work("step", 100);
  await work("step", 300);
  expect(await work("tuning", 40)).toBe("tuning");
  expect(timeLeft.estimate({ steps: 10, tunings: 2 })).toBe(2080);
});

it("follows a machine that becomes slower", async () => {
  let now = 0;
  const timeLeft = createTimeLeft(() => now);
  for (let step = 0; step < 100; step++) {
    await timeLeft.measure("step", () => Promise.resolve((now += step < 60 ? 10 : 20)));
  }
  expect(timeLeft.estimate({ steps: 1, tunings: 0 })).toBe(20);
});
