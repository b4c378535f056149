import { expect, test } from "vitest";
import { createStepClock } from "./step-clock.ts";

test("counts from what was recorded before, and not while the page is hidden", () => {
  let at = 1_000;
  const clock = createStepClock({ startMs: 500, isVisible: true, now: () => at });
  at += 2_000;
  clock.setVisible(false);
  at += 60_000;
  expect(clock.elapsedMs()).toBe(2_500);
  clock.setVisible(true);
  clock.setVisible(true);
  at += 100;
  expect(clock.elapsedMs()).toBe(2_600);
});
