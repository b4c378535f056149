import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { StartRefusal } from "./options.ts";

interface LockContent {
  readonly launcherPid: number;
  readonly childPids: number[];
  readonly url: string;
}

/** One platform per data directory. Children of a launcher that was killed are ended before a new one starts. */
export class InstanceLock {
  readonly #file: string;
  #content: LockContent;
  #isHeld = false;

  constructor(file: string, url: string) {
    this.#file = file;
    this.#content = { launcherPid: process.pid, childPids: [], url };
  }

  async acquire(): Promise<void> {
    const previous = await this.#read();
    if (previous !== undefined && isAlive(previous.launcherPid)) {
      throw new StartRefusal(
        `Crossread already runs on this data directory (process ${previous.launcherPid}, ${previous.url}).`,
      );
    }
    if (previous !== undefined) await endLeftovers(previous.childPids);
    await this.#write();
    this.#isHeld = true;
  }

  async addChild(pid: number | undefined): Promise<void> {
    if (pid === undefined) return;
    this.#content = { ...this.#content, childPids: [...this.#content.childPids, pid] };
    await this.#write();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Never another platform's lock. */
  async release(): Promise<void> {
    if (this.#isHeld) await rm(this.#file, { force: true });
  }

  async #read(): Promise<LockContent | undefined> {
    if (!existsSync(this.#file)) return undefined;
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as LockContent;
    } catch {
      return undefined;
    }
  }

  async #write(): Promise<void> {
    await writeFile(this.#file, JSON.stringify(this.#content));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function endLeftovers(pids: readonly number[]): Promise<void> {
  const alive = pids.filter(isAlive);
  for (const pid of alive) process.kill(pid, "SIGTERM");
  for (let attempt = 0; attempt < 50 && alive.some(isAlive); attempt++) await sleep(200);
  for (const pid of alive.filter(isAlive)) process.kill(pid, "SIGKILL");
}
