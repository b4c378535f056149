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
import { createIdleProcesses, type IdleProcesses } from "./idle-processes.ts";
import { limitMemory } from "./limit-memory.ts";
import { createSlots } from "./slots.ts";

interface ChildRun<TName extends TaskName> {
  readonly signal: AbortSignal;
  /** Events come one at a time: the next waits until this has returned. */
  readonly onEvent?: (event: TaskEvent<TName>) => Promise<void> | void;
  /** Resident memory at which the process is killed. */
  readonly memoryLimitBytes?: number;
  /** Lets the process wait for the next task of this owner: starting one costs a second. */
  readonly owner?: string;
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
  /** Ends the processes that wait. */
  close(): void;
}

const idleMs = 30_000;
const idleResidentBytes = 768 * 1024 ** 2;

const entry = new URL("./child-entry.ts", import.meta.url);

export interface ChildRunnerOptions {
  readonly store: StoreSettings;
  readonly processCount: number;
  /** Whether computation yields to everything else on the machine: people who look at pages go first. */
  readonly yieldsToOthers: boolean;
}

export function createChildRunner(options: ChildRunnerOptions): ChildRunner {
  const slots = createSlots(options.processCount);
  const idle = createIdleProcesses({
    count: options.processCount,
    idleMs,
    residentBytes: idleResidentBytes,
  });
  return {
    useSlot: (work, signal) => slots.use(work, signal),
    run: (name, input, run) =>
      runTask(
        { task: name, store: options.store, input },
        { name, run, idle, yieldsToOthers: options.yieldsToOthers },
      ),
    close: () => idle.close(),
  };
}

interface TaskProcess<TName extends TaskName> {
  readonly name: TName;
  readonly run: ChildRun<TName>;
  readonly idle: IdleProcesses;
  readonly yieldsToOthers: boolean;
}

async function runTask<TName extends TaskName>(
  start: StartMessage,
  { idle, name, run, yieldsToOthers }: TaskProcess<TName>,
): Promise<TaskOutput<TName>> {
  run.signal.throwIfAborted();
  const owner = run.owner === undefined ? undefined : `${name} ${run.owner}`;
  const waiting = owner === undefined ? undefined : idle.take(owner);
  const child = waiting ?? startProcess(yieldsToOthers);
  const kill = () => void child.kill("SIGKILL");
  run.signal.addEventListener("abort", kill, { once: true });
  const memory = run.memoryLimitBytes === undefined ? undefined : limitMemory(child, run.memoryLimitBytes);
  let isDone = false;
  try {
    const output = await converse(child, { start, name, run, isReady: waiting !== undefined });
    isDone = true;
    return output;
  } finally {
    memory?.stop();
    run.signal.removeEventListener("abort", kill);
    if (isDone && owner !== undefined && !run.signal.aborted) await idle.keep(owner, child);
    else kill();
  }
}

/**
 * An image's planes are larger than V8's first limit, so that it would mark its whole heap once or twice for every image:
 * a quarter of the processor time of an ingest. In MB; a process grows by some 50.
 */
const quietCollector = "--initial-old-space-size=192";

function startProcess(yieldsToOthers: boolean): ChildProcess {
  const child = fork(entry, [], {
    execArgv: [quietCollector, "--import", import.meta.resolve("tsx")],
    env: computingEnvironment(),
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (yieldsToOthers) lowerPriority(child);
  return child;
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
  conversation: { start: StartMessage; name: TName; run: ChildRun<TName>; isReady: boolean },
): Promise<TaskOutput<TName>> {
  const { isReady, name, run, start } = conversation;
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
    const onRaw = (raw: unknown): void => {
      const parsed = childMessageSchema.parse(raw);
      isAnswered ||= parsed.kind === "result" || parsed.kind === "failure";
      handled = handled
        .then(() => onMessage(parsed))
        .then(() => {
          if (isAnswered) stopListening();
        })
        .catch(reject);
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (run.signal.aborted) reject(abortReason(run.signal));
      else if (!isAnswered) reject(new Error(`The process of task ${name} ended early (${signal ?? code}).`));
    };
    function stopListening(): void {
      child.off("message", onRaw);
      child.off("error", reject);
      child.off("exit", onExit);
    }
    child.on("message", onRaw);
    child.on("error", reject);
    child.on("exit", onExit);
    if (isReady) child.send(start);
  });
}

const abortReason = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error("aborted");
