import { expect, test } from "vitest";
import { measureAlternately, timeRatio, timingOf } from "./alternate.ts";

test("measures in turn, in opposite order every other round, after a warm-up that does not count", async () => {
  const log: string[] = [];
  const fake = (name: string, ms: number) => ({
    name,
    measure: (stepCount: number) => {
      log.push(`${name}${stepCount}`);
      return Promise.resolve(Array.from({ length: stepCount }, () => ms));
    },
  });
  const samples = await measureAlternately([fake("a", 2), fake("b", 4)], {
    warmUpSteps: 5,
    rounds: 3,
    blockSteps: 2,
  });
  expect(log).toEqual(["a5", "b5", "a2", "b2", "b2", "a2", "a2", "b2"]);
  expect(samples.map((each) => timingOf(each))).toEqual([
    { stepCount: 6, medianMs: 2, minimumMs: 2 },
    { stepCount: 6, medianMs: 4, minimumMs: 4 },
  ]);
});

test("the ratio of rounds does not move when the machine slows down for a round", () => {
  const steady = timeRatio(
    [
      [10, 10],
      [10, 12],
    ],
    [
      [20, 20],
      [20, 24],
    ],
  );
  const slowed = timeRatio(
    [
      [10, 10],
      [100, 120],
    ],
    [
      [20, 20],
      [200, 240],
    ],
  );
  expect(slowed).toEqual(steady);
  expect(steady).toEqual({ ofMedians: 0.5, ofMinima: 0.5, medianOfRounds: 0.5 });
});
