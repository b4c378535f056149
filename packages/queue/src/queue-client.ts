import {
  jobId,
  platformQueueName,
  queueOf,
  queues,
  siteQueueName,
  type JobKind,
  type JobPayload,
} from "@crossread/contracts/queues";
import type { JobsOptions } from "bullmq";
import { openBackend, type BackendFlow, type BackendQueue, type QueueConnection } from "./backend.ts";

export interface EnqueueOptions {
  readonly delayMs?: number;
  /** Tells a deliberate repetition from the job that still waits under the plain id. */
  readonly generation?: string;
}

export interface RoundJobs {
  readonly runId: string;
  readonly roundId: string;
  readonly siteIds: readonly string[];
}

export interface QueueClient {
  /** Adds a job; while one with the same id waits or runs, nothing is added. */
  enqueue<TKind extends JobKind>(
    kind: TKind,
    payload: JobPayload<TKind>,
    options?: EnqueueOptions,
  ): Promise<void>;
  /** Adds the training of every site in the site's own queue, and the aggregation that waits for all of them. */
  enqueueRound(round: RoundJobs): Promise<void>;
  /** Whether the job waits, is delayed, runs or waits for its children. */
  isQueued<TKind extends JobKind>(kind: TKind, payload: JobPayload<TKind>): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A finished job leaves the queue: its id is free again, so that the same work can be asked for twice, and what
 * happened is read from the rows that the job wrote.
 */
const jobOptions = {
  attempts: 5,
  backoff: { type: "exponential", delay: 1_000, jitter: 0.2 },
  removeOnComplete: true,
  removeOnFail: true,
} satisfies JobsOptions;

export async function createQueueClient(connection: QueueConnection): Promise<QueueClient> {
  const backend = await openBackend(connection);
  const open = new Map<string, BackendQueue>();
  let flow: BackendFlow | undefined;

  function queueNamed(name: string): BackendQueue {
    const known = open.get(name);
    if (known !== undefined) return known;
    const queue = backend.openQueue(name);
    open.set(name, queue);
    return queue;
  }

  return {
    async enqueue(kind, payload, options = {}) {
      const data = queues[kind].parse(payload);
      const plainId = jobId(kind, payload);
      await queueNamed(queueOf(kind, payload)).add(kind, data, {
        ...jobOptions,
        jobId: options.generation === undefined ? plainId : `${plainId}.${options.generation}`,
        ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
      });
    },

    async enqueueRound({ runId, roundId, siteIds }) {
      flow ??= backend.openFlow();
      const data = { runId, roundId };
      await flow.add({
        name: "aggregate-round",
        queueName: platformQueueName,
        data,
        opts: { ...jobOptions, jobId: jobId("aggregate-round", data) },
        children: siteIds.map((siteId) => {
          const childData = { runId, roundId, siteId };
          return {
            name: "train-site",
            queueName: siteQueueName(siteId),
            data: childData,
            // A site that fails for good does not fail the round: the quorum decides.
            opts: {
              ...jobOptions,
              jobId: jobId("train-site", childData),
              ignoreDependencyOnFailure: true,
            },
          };
        }),
      });
    },

    isQueued: (kind, payload) => queueNamed(queueOf(kind, payload)).has(jobId(kind, payload)),

    async close() {
      await Promise.all([...open.values(), ...(flow === undefined ? [] : [flow])].map((one) => one.close()));
    },
  };
}
