import { Worker } from "node:worker_threads";
import { DomainError } from "@crossread/contracts/errors";
import type { RenderedImageOptions } from "@crossread/dicom/rendered-image";
import type { RenderAnswer, RenderRequest } from "./render-messages.ts";

interface RenderJob {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly options: RenderedImageOptions;
  /** A job whose client has gone is not begun. */
  readonly signal?: AbortSignal | undefined;
}

/** Renders in threads, so that whoever asks for other things does not wait for pixels. */
export interface RenderPool {
  readonly render: (job: RenderJob) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

export interface RenderPoolOptions {
  /** File that the threads run. */
  readonly threadFile: string | URL;
  readonly threadCount: number;
  /** Jobs that may wait for a thread. */
  readonly waiting: number;
  /** A thread that takes longer over one job is ended. */
  readonly timeoutMs: number;
}

interface Pending extends RenderJob {
  readonly resolve: (image: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Undefined while it has nothing to do. */
  job: Pending | undefined;
  timer: NodeJS.Timeout | undefined;
}

const retryAfterSeconds = 5;

export function createRenderPool(options: RenderPoolOptions): RenderPool {
  const queue: Pending[] = [];
  const threads = new Set<Thread>();
  let lastId = 0;

  function finish(thread: Thread, settle: (job: Pending) => void) {
    clearTimeout(thread.timer);
    const { job } = thread;
    thread.job = undefined;
    thread.worker.unref();
    if (job !== undefined) settle(job);
  }

  function lose(thread: Thread, error: Error) {
    if (!threads.delete(thread)) return;
    finish(thread, (job) => job.reject(error));
    void thread.worker.terminate();
    startNext();
  }

  function open(): Thread {
    const thread: Thread = { worker: new Worker(options.threadFile), job: undefined, timer: undefined };
    threads.add(thread);
    thread.worker.unref();
    thread.worker.on("message", (answer: RenderAnswer) => {
      finish(thread, (job) => {
        if (answer.kind === "rendered") job.resolve(answer.image);
        else if (answer.kind === "refused") job.reject(new DomainError(answer.code, answer.message));
        else job.reject(answer.error);
      });
      startNext();
    });
    thread.worker.on("error", (error) =>
      lose(thread, error instanceof Error ? error : new Error(String(error))),
    );
    thread.worker.on("exit", () => lose(thread, new Error("A thread that renders images ended early.")));
    return thread;
  }

  function startNext() {
    for (;;) {
      const idle = [...threads].find(({ job }) => job === undefined);
      if (queue.length === 0 || (idle === undefined && threads.size >= options.threadCount)) return;
      const job = queue.shift();
      if (job === undefined) return;
      if (job.signal?.aborted === true) {
        job.reject(new Error("The client has gone."));
        continue;
      }
      start(idle ?? open(), job);
    }
  }

  function start(thread: Thread, job: Pending) {
    thread.job = job;
    // While it works it keeps the process alive.
    thread.worker.ref();
    thread.timer = setTimeout(() => {
      const seconds = Math.round(options.timeoutMs / 1_000);
      lose(
        thread,
        new DomainError("image-unreadable", `${job.name} could not be rendered within ${seconds} s.`),
      );
    }, options.timeoutMs);
    lastId += 1;
    thread.worker.postMessage({
      id: lastId,
      bytes: job.bytes,
      name: job.name,
      options: job.options,
    } satisfies RenderRequest);
  }

  return {
    render: (job) =>
      new Promise((resolve, reject) => {
        if (queue.length >= options.waiting) {
          reject(
            new DomainError("rate-limited", "Too many images are being rendered at once. Ask again later.", {
              details: { retryAfterSeconds },
            }),
          );
          return;
        }
        queue.push({ ...job, resolve, reject });
        startNext();
      }),
    async close() {
      const open = [...threads];
      threads.clear();
      for (const thread of open) {
        finish(thread, (job) => job.reject(new Error("The rendering threads were closed.")));
      }
      for (const job of queue.splice(0)) job.reject(new Error("The rendering threads were closed."));
      await Promise.all(open.map(({ worker }) => worker.terminate()));
    },
  };
}
