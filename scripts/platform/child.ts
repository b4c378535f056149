import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";

export interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Starts a process in its own group with its output in a log file. */
export function startChild(options: {
  name: string;
  argv: readonly string[];
  cwd: string;
  env: Record<string, string>;
  logFile: string;
  hasIpc?: boolean;
}): Child {
  const log = createWriteStream(options.logFile, { flags: "a" });
  const child = spawn(process.execPath, [...options.argv], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe", ...(options.hasIpc === true ? (["ipc"] as const) : [])],
    detached: process.platform !== "win32",
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  return { name: options.name, process: child, ended };
}

/** SIGTERM, then SIGKILL to the whole group after the grace time. */
export async function stopChild(child: Child, graceMs: number): Promise<void> {
  if (child.process.exitCode !== null || child.process.signalCode !== null) return;
  child.process.kill("SIGTERM");
  const timer = setTimeout(() => killGroup(child), graceMs);
  await child.ended;
  clearTimeout(timer);
}

function killGroup(child: Child): void {
  const { pid } = child.process;
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    child.process.kill("SIGKILL");
  }
}
