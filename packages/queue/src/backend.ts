import { FlowProducer, Queue, Worker, withBackend } from "bullmq";
import type { FlowJob, JobsOptions, Processor, WorkerOptions } from "bullmq";
import { createPostgresBackend } from "bullmq";

/** Where jobs live: PostgreSQL unless a Redis is named. */
export interface QueueConnection {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  /** PostgreSQL schema, or key prefix on Redis, of all queues. */
  readonly namespace?: string;
}

/** What this package uses of a BullMQ queue, the same on both backends. */
export interface BackendQueue {
  add(name: string, data: object, options: JobsOptions): Promise<unknown>;
  has(id: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface BackendWorker {
  close(): Promise<void>;
}

export interface BackendFlow {
  add(flow: FlowJob): Promise<unknown>;
  close(): Promise<void>;
}

export interface WorkerSettings extends Pick<
  WorkerOptions,
  "concurrency" | "lockDuration" | "stalledInterval" | "maxStalledCount"
> {
  readonly onError: (error: Error) => void;
}

/** BullMQ on one of its backends, schema in place. */
export interface QueueBackend {
  openQueue(name: string): BackendQueue;
  openFlow(): BackendFlow;
  openWorker(name: string, processor: Processor, settings: WorkerSettings): BackendWorker;
}

const defaultNamespace = "bullmq";
const postgres = withBackend(createPostgresBackend);

export async function openBackend(connection: QueueConnection): Promise<QueueBackend> {
  if (connection.redisUrl !== undefined) return redisBackend(connection.redisUrl, connection.namespace);
  await migratePostgres(connection);
  return postgresBackend(connection);
}

/** Many queues that start on an empty database would each report a missing schema while the first one migrates. */
async function migratePostgres(connection: QueueConnection): Promise<void> {
  const queue = new postgres.Queue("schema", {
    connection: { ...postgresOptions(connection), migrate: true },
  });
  queue.on("error", ignore);
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}

function postgresOptions(connection: QueueConnection) {
  return {
    connectionString: connection.databaseUrl,
    schema: connection.namespace ?? defaultNamespace,
    max: 3,
  };
}

function postgresBackend(settings: QueueConnection): QueueBackend {
  const connection = postgresOptions(settings);
  return {
    openQueue: (name) => asQueue(new postgres.Queue(name, { connection })),
    openFlow: () => asFlow(new postgres.FlowProducer({ connection })),
    openWorker(name, processor, { onError, ...options }) {
      const worker = new postgres.Worker(name, processor, { connection, ...options });
      worker.on("error", onError);
      return { close: () => worker.close() };
    },
  };
}

function redisBackend(url: string, prefix: string = defaultNamespace): QueueBackend {
  const connection = { url, maxRetriesPerRequest: null };
  return {
    openQueue: (name) => asQueue(new Queue(name, { connection, prefix })),
    openFlow: () => asFlow(new FlowProducer({ connection, prefix })),
    openWorker(name, processor, { onError, ...options }) {
      const worker = new Worker(name, processor, { connection, prefix, ...options });
      worker.on("error", onError);
      return { close: () => worker.close() };
    },
  };
}

type AnyQueue = Pick<Queue, "add" | "getJob" | "close"> & Emitter;
type AnyFlow = Pick<FlowProducer, "add" | "close"> & Emitter;
interface Emitter {
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A failed command rejects its own promise; the event repeats it and would end the process without a listener. */
function ignore(): void {}

function asQueue(queue: AnyQueue): BackendQueue {
  queue.on("error", ignore);
  return {
    add: (name, data, options) => queue.add(name, data, options),
    has: async (id) => (await queue.getJob(id)) !== undefined,
    close: () => queue.close(),
  };
}

function asFlow(flow: AnyFlow): BackendFlow {
  flow.on("error", ignore);
  return { add: (job) => flow.add(job), close: () => flow.close() };
}
