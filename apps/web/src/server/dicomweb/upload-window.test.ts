import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createUploadWindow } from "./upload-window.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});

afterEach(() => {
  vi.useRealTimers();
});

function uploadWindow() {
  let count = 0;
  return createUploadWindow({
    windowMs: 5_000,
    settleMs: 3_000,
    now: () => new Date(),
    newId: () => `upload-${++count}`,
  });
}

describe("createUploadWindow", () => {
  test("keeps requests of a token together for a while, and tokens apart", () => {
    const window = uploadWindow();
    expect([window.join("a"), window.join("b"), window.join("a")]).toEqual([
      "upload-1",
      "upload-2",
      "upload-1",
    ]);
    vi.advanceTimersByTime(4_999);
    expect(window.join("a")).toBe("upload-1");
    vi.advanceTimersByTime(1);
    expect([window.join("a"), window.join("a")]).toEqual(["upload-3", "upload-3"]);
  });

  test("settles an upload once, after its last request", async () => {
    const window = uploadWindow();
    const settled: string[] = [];
    const settle = (uploadId: string) =>
      window.settle(uploadId, () => {
        settled.push(uploadId);
        return Promise.resolve();
      });
    settle("one");
    settle("two");
    await vi.advanceTimersByTimeAsync(2_000);
    settle("one");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(settled).toEqual(["two"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(settled).toEqual(["two", "one"]);
  });
});
