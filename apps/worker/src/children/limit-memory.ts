import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setInterval } from "node:timers";

const lookEveryMs = 100;
const pageBytes = 4096;

/**
 * Kills a process whose resident memory passes the limit. V8's own limits do not see the memory of codecs and typed
 * arrays, which is where a hostile image grows. Where there is no /proc nothing is watched.
 */
export function limitMemory(child: ChildProcess, limitBytes: number): { stop(): void } {
  const look = async () => {
    const residentBytes = await residentBytesOf(child.pid);
    if (residentBytes !== undefined && residentBytes > limitBytes) child.kill("SIGKILL");
  };
  const timer = setInterval(() => void look(), lookEveryMs);
  return { stop: () => clearInterval(timer) };
}

/** Second field of /proc/PID/statm, in pages. */
export async function residentBytesOf(pid: number | undefined): Promise<number | undefined> {
  try {
    const pages = Number((await readFile(`/proc/${pid ?? 0}/statm`, "utf8")).split(" ")[1]);
    return Number.isFinite(pages) ? pages * pageBytes : undefined;
  } catch {
    return undefined;
  }
}
