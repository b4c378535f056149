import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIdleProcesses, type IdleLimits } from "./idle-processes.ts";

let directory: string;
let entry: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-idle-"));
  entry = join(directory, "wait.mjs");
  await writeFile(entry, `process.on("message", () => undefined);`);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const limits: IdleLimits = { count: 2, idleMs: 60_000, residentBytes: 2 ** 40 };
const start = () => fork(entry, [], { execArgv: [] });
const exitOf = async (child: ChildProcess) => (await once(child, "exit"))[1] as unknown;

describe("processes that wait", () => {
  test("are taken again by their owner and by nobody else", async () => {
    const idle = createIdleProcesses(limits);
    const child = start();
    await idle.keep("north", child);
    expect(idle.take("south")).toBeUndefined();
    expect(idle.take("north")).toBe(child);
    expect(idle.take("north")).toBeUndefined();
    child.kill("SIGKILL");
  });

  test("are ended when there are too many, the oldest first, and when the worker closes", async () => {
    const idle = createIdleProcesses(limits);
    const [first, second, third] = [start(), start(), start()];
    const [firstExit, secondExit, thirdExit] = [first, second, third].map(exitOf);
    for (const child of [first, second, third]) await idle.keep("north", child);
    expect(await firstExit).toBe("SIGKILL");
    idle.close();
    expect(await Promise.all([secondExit, thirdExit])).toEqual(["SIGKILL", "SIGKILL"]);
    const late = start();
    const lateExit = exitOf(late);
    await idle.keep("north", late);
    expect(await lateExit).toBe("SIGKILL");
  });

  test("are ended when nothing came for them, or when they have grown", async () => {
    const impatient = createIdleProcesses({ ...limits, idleMs: 10 });
    const child = start();
    const exit = exitOf(child);
    await impatient.keep("north", child);
    expect(await exit).toBe("SIGKILL");
    expect(impatient.take("north")).toBeUndefined();

    const strict = createIdleProcesses({ ...limits, residentBytes: 1 });
    const large = start();
    const largeExit = exitOf(large);
    await strict.keep("north", large);
    expect(await largeExit).toBe("SIGKILL");
  });

  test("that have died are not given out", async () => {
    const idle = createIdleProcesses(limits);
    const child = start();
    await idle.keep("north", child);
    const exit = exitOf(child);
    child.kill("SIGKILL");
    await exit;
    expect(idle.take("north")).toBeUndefined();
  });
});
