import type {
  FileAnswers,
  FileQuestions,
  FileTask,
  WorkerReply,
  WorkerRequest,
} from "./file-worker-protocol.ts";
import type { Delay } from "./send-file.ts";

interface TaskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (sentBytes: number) => void;
  readonly onDelay?: (delay: { kind: Delay; seconds: number } | undefined) => void;
}

/** Thrown where a file failed; the others are not concerned. */
export class FileTaskFailure extends Error {
  readonly isSessionEnded: boolean;

  constructor(message: string, isSessionEnded: boolean) {
    super(message);
    this.name = "FileTaskFailure";
    this.isSessionEnded = isSessionEnded;
  }
}

export interface WorkerPool {
  readonly size: number;
  readonly run: <TTask extends FileTask>(
    task: TTask,
    question: FileQuestions[TTask],
    options?: TaskOptions,
  ) => Promise<FileAnswers[TTask]>;
  readonly close: () => void;
}

/** What is used of a `Worker`. */
export interface WorkerLike {
  postMessage(message: WorkerRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<WorkerReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Pending {
  readonly resolve: (answer: FileAnswers[FileTask]) => void;
  readonly reject: (error: Error) => void;
  readonly options: TaskOptions;
}

interface Seat {
  worker: WorkerLike;
  isTaken: boolean;
  pending: Pending | undefined;
}

/** Workers that each do one thing at a time; what comes while all are busy waits in order. */
export function createWorkerPool(size: number, createWorker: () => WorkerLike): WorkerPool {
  const waiting: (() => void)[] = [];
  const seats: Seat[] = [];
  let lastId = 0;

  function seat(): Seat {
    const made: Seat = { worker: createWorker(), isTaken: false, pending: undefined };
    listen(made);
    seats.push(made);
    return made;
  }

  function listen(own: Seat): void {
    own.worker.onmessage = ({ data }) => {
      const { pending } = own;
      if (pending === undefined) return;
      switch (data.kind) {
        case "progress":
          return pending.options.onProgress?.(data.sentBytes);
        case "delay":
          return pending.options.onDelay?.(data.delay);
        case "answer":
          return free(own, () => pending.resolve(data.answer));
        case "failure":
          return free(own, () => pending.reject(new FileTaskFailure(data.message, data.isSessionEnded)));
      }
    };
    // A worker that dies, of memory for one, takes its file with it and nothing else.
    own.worker.onerror = (event) => {
      const { pending } = own;
      own.worker.terminate();
      own.worker = createWorker();
      listen(own);
      free(own, () =>
        pending?.reject(new FileTaskFailure(event.message || "The browser could not read the file.", false)),
      );
    };
  }

  function free(own: Seat, settle: () => void): void {
    own.pending = undefined;
    own.isTaken = false;
    settle();
    waiting.shift()?.();
  }

  /** Taken before anything is awaited, so that two callers never get the same one. */
  async function takeSeat(): Promise<Seat> {
    for (;;) {
      const own = seats.find(({ isTaken }) => !isTaken) ?? (seats.length < size ? seat() : undefined);
      if (own !== undefined) {
        own.isTaken = true;
        return own;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  return {
    size,
    async run<TTask extends FileTask>(
      task: TTask,
      question: FileQuestions[TTask],
      options: TaskOptions = {},
    ): Promise<FileAnswers[TTask]> {
      const own = await takeSeat();
      lastId += 1;
      const id = lastId;
      const abort = () => own.worker.postMessage({ id, task: "abort" });
      try {
        return await new Promise<FileAnswers[TTask]>((resolve, reject) => {
          own.pending = { resolve: resolve as Pending["resolve"], reject, options };
          options.signal?.addEventListener("abort", abort, { once: true });
          own.worker.postMessage({ id, task, question } as WorkerRequest);
        });
      } finally {
        options.signal?.removeEventListener("abort", abort);
      }
    },
    close() {
      for (const { worker } of seats) worker.terminate();
      seats.length = 0;
    },
  };
}
