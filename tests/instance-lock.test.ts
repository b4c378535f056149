import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InstanceLock } from "../scripts/platform/instance-lock.ts";

let file: string;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-lock-"));
  file = join(directory, "instance.json");
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const heldBy = (launcherPid: number) =>
  writeFile(file, JSON.stringify({ launcherPid, childPids: [], url: "http://localhost:1" }));

describe("the lock of a data directory", () => {
  test("refuses a second platform and leaves the first one's lock where it is", async () => {
    await heldBy(process.pid);
    const second = new InstanceLock(file, "http://localhost:2");
    await expect(second.acquire()).rejects.toThrow(/already runs on this data directory/);
    await second.release();
    expect(existsSync(file)).toBe(true);
  });

  test("takes over from a platform that was killed, and goes with its own end", async () => {
    await heldBy(2 ** 22 + 1);
    const lock = new InstanceLock(file, "http://localhost:2");
    await lock.acquire();
    expect(lock.isHeld).toBe(true);
    await lock.release();
    expect(existsSync(file)).toBe(false);
  });
});
