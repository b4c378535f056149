import type { ChildProcess } from "node:child_process";
import { residentBytesOf } from "./limit-memory.ts";

/** Processes that have done their task and wait for the next one of the same owner. */
export interface IdleProcesses {
  take(owner: string): ChildProcess | undefined;
  keep(owner: string, child: ChildProcess): Promise<void>;
  /** Ends all of them. */
  close(): void;
}

export interface IdleLimits {
  readonly count: number;
  readonly idleMs: number;
  /** A codec's memory never shrinks: what has grown beyond this is started anew. */
  readonly residentBytes: number;
}

interface Idle {
  readonly owner: string;
  readonly child: ChildProcess;
  readonly timer: NodeJS.Timeout;
  readonly onExit: () => void;
}

/** What waits belongs to one owner: a process that has seen one site's key and images never works for another. */
export function createIdleProcesses(limits: IdleLimits): IdleProcesses {
  const waiting = new Set<Idle>();
  let isClosed = false;

  function release(idle: Idle): ChildProcess {
    waiting.delete(idle);
    clearTimeout(idle.timer);
    idle.child.off("exit", idle.onExit);
    return idle.child;
  }
  const end = (idle: Idle) => void release(idle).kill("SIGKILL");

  return {
    take(owner) {
      for (const idle of waiting) {
        if (idle.owner === owner) return release(idle);
      }
      return undefined;
    },
    async keep(owner, child) {
      const residentBytes = (await residentBytesOf(child.pid)) ?? 0;
      const hasEnded = child.exitCode !== null || child.signalCode !== null || !child.connected;
      if (isClosed || hasEnded || residentBytes > limits.residentBytes) {
        child.kill("SIGKILL");
        return;
      }
      const idle: Idle = {
        owner,
        child,
        timer: setTimeout(() => end(idle), limits.idleMs),
        onExit: () => void release(idle),
      };
      child.once("exit", idle.onExit);
      waiting.add(idle);
      for (const oldest of waiting) {
        if (waiting.size <= limits.count) break;
        end(oldest);
      }
    },
    close() {
      isClosed = true;
      for (const idle of waiting) end(idle);
    },
  };
}
