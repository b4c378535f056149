/** How much memory a malformed file can take: each is looked at as the worker does it, in a process with its limit. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { limitMemory } from "../apps/worker/src/children/limit-memory.ts";
import { computingEnvironment } from "../apps/worker/src/env.ts";
import { createIngest } from "../apps/worker/src/ingest-limits.ts";
import type { InspectedFile } from "./malformed-memory-child.ts";

/** What the largest image that is accepted takes while it is decoded; measured: 340 MB, of which 250 at rest. */
const boundBytes = 800 * 1024 * 1024;

/** Linux's, where the process may set its own peak back. */
function canMeasure(): boolean {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!canMeasure())("malformed files", () => {
  test("are all refused, none with more memory than an image that is accepted may take", async () => {
    const child = fork(new URL("malformed-memory-child.ts", import.meta.url), {
      execArgv: ["--import", import.meta.resolve("tsx")],
      env: computingEnvironment(),
    });
    const memory = limitMemory(child, createIngest({ laneCount: 1 }).memoryLimitBytes);
    const inspected: InspectedFile[] = [];
    child.on("message", (message) => inspected.push(message as InspectedFile));
    // The process may end before its last messages are read.
    const read = once(child, "disconnect");
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    await read;
    memory.stop();
    expect({ code, signal, last: inspected.at(-1)?.name }).toMatchObject({ code: 0, signal: null });
    expect(inspected.length).toBeGreaterThanOrEqual(300);
    const wrong = inspected.filter(
      ({ outcome, peakBytes }) => outcome === "accepted" || !(peakBytes < boundBytes),
    );
    expect(wrong).toEqual([]);
    const mebibytes = (sizeBytes: number) => Math.round(sizeBytes / 2 ** 20);
    const largest = inspected.toSorted(
      (a, b) => b.peakBytes - b.beforeBytes - (a.peakBytes - a.beforeBytes),
    )[0];
    console.log(
      `${inspected.length} malformed files: at most ${mebibytes(Math.max(...inspected.map(({ peakBytes }) => peakBytes)))} MiB resident; most was taken by "${largest?.name}", ${mebibytes((largest?.peakBytes ?? 0) - (largest?.beforeBytes ?? 0))} MiB`,
    );
  }, 600_000);
});
