import { errorCodes, isDomainError } from "@crossread/contracts/errors";
import { queues, type JobKind, type JobPayload } from "@crossread/contracts/queues";
import { DelayedError, UnrecoverableError, WaitingError, type Job } from "bullmq";
import { openBackend, type QueueConnection } from "./backend.ts";

export interface JobContext {
  /** Aborted when the process shuts down: stop, throw, and the job goes back to the queue untouched. */
  readonly signal: AbortSignal;
  /** No further attempt follows if this one fails. */
  readonly isLastAttempt: boolean;
}

/** "again": the job did a part of its work and goes behind those that wait, under the same id. */
export type JobEnd = "again" | void;

export type JobHandlers = {
  readonly [TKind in JobKind]?: (payload: JobPayload<TKind>, context: JobContext) => Promise<JobEnd>;
};

export interface ServeQueueOptions {
  readonly connection: QueueConnection;
  readonly queueName: string;
  readonly concurrency: number;
  readonly handlers: JobHandlers;
  readonly now: () => Date;
  /** After this time without a sign of life, another worker takes a dead worker's job. */
  readonly lockDurationMs?: number;
  readonly onJobFailed?: (kind: string, error: unknown) => void;
  readonly onError?: (error: Error) => void;
}

export interface QueueServer {
  /** Aborts what runs, gives it back to the queue and stops. */
  close(): Promise<void>;
}

/** A job that is delayed lands behind those that wait; the delay itself need only be one. */
const againDelayMs = 10;

export async function serveQueue(options: ServeQueueOptions): Promise<QueueServer> {
  const backend = await openBackend(options.connection);
  const shutdown = new AbortController();
  const lockDurationMs = options.lockDurationMs ?? 30_000;

  async function process(job: Job, token?: string): Promise<void> {
    const isLastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    let end: JobEnd;
    try {
      shutdown.signal.throwIfAborted();
      end = await dispatch(options.handlers, job, { signal: shutdown.signal, isLastAttempt });
    } catch (error) {
      if (shutdown.signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      options.onJobFailed?.(job.name, error);
      if (isDomainError(error) && !errorCodes[error.code].retryable) {
        throw new UnrecoverableError(`${error.code}: ${error.message}`);
      }
      throw error;
    }
    if (end === "again") {
      await job.moveToDelayed(options.now().getTime() + againDelayMs, token);
      throw new DelayedError();
    }
  }

  const worker = backend.openWorker(options.queueName, process, {
    concurrency: options.concurrency,
    lockDuration: lockDurationMs,
    stalledInterval: lockDurationMs,
    // A job may lose its worker to restarts many times; only its own failures count as attempts.
    maxStalledCount: 100,
    onError: options.onError ?? (() => undefined),
  });
  return {
    async close() {
      shutdown.abort();
      await worker.close();
    },
  };
}

async function dispatch(handlers: JobHandlers, job: Job, context: JobContext): Promise<JobEnd> {
  if (!isJobKind(job.name)) throw new UnrecoverableError(`No job is called ${job.name}`);
  return handle(handlers, job.name, { data: job.data, context });
}

async function handle<TKind extends JobKind>(
  handlers: JobHandlers,
  kind: TKind,
  job: { data: unknown; context: JobContext },
): Promise<JobEnd> {
  const handler = handlers[kind];
  if (handler === undefined) throw new UnrecoverableError(`This worker does not serve ${kind}`);
  const parsed = queues[kind].safeParse(job.data);
  if (!parsed.success) throw new UnrecoverableError(`Payload of ${kind} is invalid: ${parsed.error.message}`);
  return handler(parsed.data as JobPayload<TKind>, job.context);
}

function isJobKind(name: string): name is JobKind {
  return Object.hasOwn(queues, name);
}
