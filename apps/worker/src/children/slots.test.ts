import { describe, expect, test } from "vitest";
import { createSlots } from "./slots.ts";

const gate = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

describe("slots", () => {
  test("never let in more than their number, and go by the order of arrival", async () => {
    const slots = createSlots(2);
    const gates = [gate(), gate(), gate(), gate()];
    const started: number[] = [];
    const all = gates.map(({ opened }, index) =>
      slots.use(async () => {
        started.push(index);
        await opened;
      }),
    );
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
    gates[1]?.open();
    await all[1];
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    gates.forEach(({ open }) => open());
    await Promise.all(all);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  test("free the place of work that fails", async () => {
    const slots = createSlots(1);
    await expect(slots.use(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await slots.use(async () => 7)).toBe(7);
  });

  test("let go of a waiter that is aborted, and keep its place for the next", async () => {
    const slots = createSlots(1);
    const first = gate();
    const holding = slots.use(() => first.opened);
    const controller = new AbortController();
    const aborted = slots.use(async () => "never", controller.signal);
    const next = slots.use(async () => "next");
    controller.abort(new Error("stopped"));
    await expect(aborted).rejects.toThrow("stopped");
    first.open();
    await holding;
    expect(await next).toBe("next");
  });
});
