import { expect, test } from "vitest";
import { createStepClock } from "./step-clock.ts";

let at = 0;
function browser() {
  const items = new Map<string, string>();
  const storage = {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  };
  return (startMs: number, isVisible = true) =>
    createStepClock({ startMs, isVisible, now: () => at, storage, name: "clock" });
}

test("counts from what was recorded before, and not while the page is hidden", () => {
  const clock = browser()(500);
  at += 2_000;
  clock.setVisible(false);
  at += 60_000;
  expect(clock.elapsedMs()).toBe(2_500);
  clock.setVisible(true);
  clock.setVisible(true);
  at += 100;
  expect(clock.elapsedMs()).toBe(2_600);
});

test("goes on after a crash from the time that was kept, though the server has an older one", () => {
  const open = browser();
  const clock = open(1_000);
  at += 30_000;
  clock.keep();
  at += 300;
  expect(open(1_000).elapsedMs()).toBe(31_000);
});

test("adds up the time of two tabs of which one is in sight at a time", () => {
  const open = browser();
  const first = open(0);
  at += 10_000;
  first.adopt(first.sendMs());
  at += 1_000;
  first.setVisible(false);
  const second = open(10_000);
  at += 5_000;
  second.adopt(second.sendMs());
  second.setVisible(false);
  first.setVisible(true);
  at += 2_000;
  expect(first.elapsedMs()).toBe(18_000);
  // The first tab's next save is refused with what the second one stored: nothing counts twice.
  first.adopt(16_000);
  expect(first.elapsedMs()).toBe(18_000);
});

test("adds what was read on another computer once", () => {
  const here = browser()(0);
  at += 10_000;
  here.adopt(here.sendMs());
  at += 3_000;
  here.adopt(30_000);
  expect(here.elapsedMs()).toBe(33_000);
  here.adopt(30_000);
  expect(here.elapsedMs()).toBe(33_000);
});

test("does not add its own time where the answer to a save was lost", () => {
  const clock = browser()(0);
  at += 10_000;
  const lost = clock.sendMs();
  at += 3_000;
  clock.adopt(lost);
  expect(clock.elapsedMs()).toBe(13_000);
});

test("starts anew where the step is over", () => {
  const open = browser();
  const clock = open(0);
  at += 10_000;
  clock.keep();
  clock.forget();
  clock.keep();
  expect(open(0).elapsedMs()).toBe(0);
});
