import { expect, test } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

function limitOf(limit: number) {
  let now = 5_000;
  const attempts = createRateLimit({ limit, windowMs: 1_000, now: () => now });
  return {
    take: (key: string) => attempts.take(key),
    clear: (key: string) => attempts.clear(key),
    wait: (ms: number) => void (now += ms),
  };
}

test("takes as many attempts of a key as the limit says, and leaves other keys alone", () => {
  const { take } = limitOf(3);
  expect(Array.from({ length: 5 }, () => take("a"))).toEqual([true, true, true, false, false]);
  expect(take("b")).toBe(true);
});

test("lets each attempt go when its window has passed, and counts none that it refused", () => {
  const { take, wait } = limitOf(2);
  take("a");
  wait(600);
  take("a");
  expect(take("a")).toBe(false);
  wait(399);
  expect(take("a")).toBe(false);
  wait(1);
  expect([take("a"), take("a")]).toEqual([true, false]);
});

test("forgets a key that is cleared", () => {
  const { clear, take } = limitOf(1);
  take("a");
  take("b");
  clear("a");
  expect([take("a"), take("b")]).toEqual([true, false]);
});

test("remembers ten thousand keys, and forgets the one that was longest unused", () => {
  const { take } = limitOf(1);
  take("first");
  take("second");
  take("first");
  for (let key = 0; key < 9_999; key++) take(String(key));
  expect([take("first"), take("second")]).toEqual([false, true]);
});
