import { fork, type ChildProcess } from "node:child_process";
import { constants, setPriority } from "node:os";
import { DomainError } from "@crossread/contracts/errors";
import type { StoreSettings } from "../blob-store.ts";
import { computingEnvironment } from "../env.ts";
import {
  taskContracts,
  type TaskEvent,
  type TaskInput,
  type TaskName,
  type TaskOutput,
} from "../tasks/task-contracts.ts";
import { childMessageSchema, type ChildMessage, type StartMessage } from "./child-protocol.ts";
import { limitMemory } from "./limit-memory.ts";
import { createSlots } from "./slots.ts";

interface ChildRun<TName extends TaskName> {
  readonly signal: AbortSignal;
  /** Events come one at a time: the next waits until this has returned. */
  readonly onEvent?: (event: TaskEvent<TName>) => Promise<void> | void;
  /** Resident memory at which the process is killed. */
  readonly memoryLimitBytes?: number;
}

export interface ChildRunner {
  /** Runs a task in a process of its own; the signal kills that process. */
  run<TName extends TaskName>(
    name: TName,
    input: TaskInput<TName>,
    options: ChildRun<TName>,
  ): Promise<TaskOutput<TName>>;
  /** Waits for a free place first: what is decided inside is decided at the last moment. */
  useSlot<TValue>(work: () => Promise<TValue>, signal: AbortSignal): Promise<TValue>;
}

const entry = new URL("./child-entry.ts", import.meta.url);

export interface ChildRunnerOptions {
  readonly store: StoreSettings;
  readonly processCount: number;
  /** Whether computation yields to everything else on the machine: people who look at pages go first. */
  readonly yieldsToOthers: boolean;
}

export function createChildRunner(options: ChildRunnerOptions): ChildRunner {
  const slots = createSlots(options.processCount);
  return {
    useSlot: (work, signal) => slots.use(work, signal),
    run: (name, input, run) =>
      runTask(
        { task: name, store: options.store, input },
        { name, run, yieldsToOthers: options.yieldsToOthers },
      ),
  };
}

interface TaskProcess<TName extends TaskName> {
  readonly name: TName;
  readonly run: ChildRun<TName>;
  readonly yieldsToOthers: boolean;
}

async function runTask<TName extends TaskName>(
  start: StartMessage,
  { name, run, yieldsToOthers }: TaskProcess<TName>,
): Promise<TaskOutput<TName>> {
  run.signal.throwIfAborted();
  const child = fork(entry, [], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env: computingEnvironment(),
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (yieldsToOthers) lowerPriority(child);
  const kill = () => void child.kill("SIGKILL");
  run.signal.addEventListener("abort", kill, { once: true });
  const memory = run.memoryLimitBytes === undefined ? undefined : limitMemory(child, run.memoryLimitBytes);
  try {
    return await converse(child, { start, name, run });
  } finally {
    memory?.stop();
    run.signal.removeEventListener("abort", kill);
    kill();
  }
}

function lowerPriority(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended already; its exit tells why.
  }
}

function converse<TName extends TaskName>(
  child: ChildProcess,
  conversation: { start: StartMessage; name: TName; run: ChildRun<TName> },
): Promise<TaskOutput<TName>> {
  const { name, run, start } = conversation;
  const contract = taskContracts[name];
  return new Promise((resolve, reject) => {
    let handled: Promise<void> = Promise.resolve();
    let isAnswered = false;

    const onMessage = async (message: ChildMessage): Promise<void> => {
      switch (message.kind) {
        case "ready":
          child.send(start);
          return;
        case "event":
          await run.onEvent?.(contract.event.parse(message.value) as TaskEvent<TName>);
          return;
        case "result":
          resolve(contract.output.parse(message.value) as TaskOutput<TName>);
          return;
        case "failure":
          reject(
            message.code === null
              ? new Error(message.message)
              : new DomainError(message.code, message.message),
          );
      }
    };
    child.on("message", (raw) => {
      const parsed = childMessageSchema.parse(raw);
      isAnswered ||= parsed.kind === "result" || parsed.kind === "failure";
      handled = handled.then(() => onMessage(parsed)).catch(reject);
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (run.signal.aborted) reject(abortReason(run.signal));
      else if (!isAnswered) reject(new Error(`The process of task ${name} ended early (${signal ?? code}).`));
    });
  });
}

const abortReason = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error("aborted");
