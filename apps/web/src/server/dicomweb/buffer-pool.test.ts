import { describe, expect, test } from "vitest";
import { createBufferPool } from "./buffer-pool.ts";

const newPool = () => createBufferPool({ keptBytes: 1_000, idleMs: 60_000 });

describe("createBufferPool", () => {
  test("gives the largest buffer that lies ready to one holder at a time", () => {
    const pool = newPool();
    const [small, large] = [pool.take(100), pool.take(200)];
    pool.giveBack(large);
    pool.giveBack(small);
    expect(pool.take(50)).toBe(large);
    expect(pool.take(50)).toBe(small);
    const fresh = pool.take(50);
    expect(fresh).not.toBe(large);
    expect(fresh).not.toBe(small);
  });

  test("makes a new one where all that lie ready are too small", () => {
    const pool = newPool();
    pool.giveBack(pool.take(100));
    expect(pool.take(101)).toHaveLength(101);
  });

  test("keeps no more than its limit", () => {
    const pool = newPool();
    const buffers = [pool.take(600), pool.take(600)];
    for (const buffer of buffers) pool.giveBack(buffer);
    expect(pool.take(1)).toBe(buffers[0]);
    expect(pool.take(1)).toHaveLength(1);
  });
});
