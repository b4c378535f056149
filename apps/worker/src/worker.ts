import type { DatasetSource } from "@crossread/contracts/dataset-source";
import { platformQueueName, siteQueueName } from "@crossread/contracts/queues";
import { openDatabase } from "@crossread/db/database";
import { beatWorkerNode, listActiveSites, removeWorkerNode } from "@crossread/db/worker-nodes";
import type { QueueConnection } from "@crossread/queue/backend";
import { createQueueClient } from "@crossread/queue/queue-client";
import { serveQueue, type QueueServer } from "@crossread/queue/serve-queue";
import type { Logger } from "pino";
import { openBlobStore, type StoreSettings } from "./blob-store.ts";
import { createChildRunner } from "./children/child-runner.ts";
import type { DemonstrationPlan } from "./demonstration-plan.ts";
import { platformHandlers, siteHandlers } from "./handlers.ts";
import { createIngest, type IngestLimits } from "./ingest-limits.ts";
import { createReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
import { loadSigningSeed } from "@crossread/db/platform-secret";
import { repeatEvery } from "./repeat-every.ts";
import { cancelRuns, extendOverdueRounds, reconcile } from "./reconcile.ts";
import type { WorkerContext } from "./worker-context.ts";

export interface WorkerOptions {
  readonly nodeId: string;
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly store: StoreSettings;
  readonly masterKey: Uint8Array;
  readonly engine: { readonly name: string; readonly threadCount: number };
  readonly childProcessCount: number;
  readonly yieldsToOthers: boolean;
  readonly imageNetWeightsFile?: string | undefined;
  readonly dataset?: DatasetSource | undefined;
  readonly demonstration: DemonstrationPlan;
  readonly codeVersion: string;
  readonly lockDurationMs: number;
  readonly logger: Logger;
  /** Sites that this worker leaves to others, by code. */
  readonly excludedSites?: readonly string[];
  readonly reconcileIntervalMs?: number;
  readonly ingest?: Partial<IngestLimits>;
}

export interface RunningWorker {
  /** Stops what runs, gives it back to the queue and closes every connection. */
  close(): Promise<void>;
}

/** Serves the platform's queue and the queue of every site in the database. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { logger, nodeId } = options;
  const connection: QueueConnection = { databaseUrl: options.databaseUrl, redisUrl: options.redisUrl };
  const db = openDatabase(options.databaseUrl);
  const queue = await createQueueClient(connection);
  const context: WorkerContext = {
    db,
    queue,
    logger,
    store: await openBlobStore(options.store),
    children: createChildRunner({
      store: options.store,
      processCount: options.childProcessCount,
      yieldsToOthers: options.yieldsToOthers,
    }),
    ingest: createIngest({ laneCount: options.childProcessCount, ...options.ingest }),
    masterKey: options.masterKey,
    receipts: createReceiptSigner(await loadSigningSeed(db, options.masterKey)),
    engine: options.engine,
    imageNetWeightsFile: options.imageNetWeightsFile,
    dataset: options.dataset,
    demonstration: options.demonstration,
    codeVersion: options.codeVersion,
    now: () => new Date(),
  };
  const startedAt = context.now();
  const servers = new Map<string, QueueServer>();

  const serve = async (queueName: string, concurrency: number) => {
    const handlers = queueName === platformQueueName ? platformHandlers(context) : siteHandlers(context);
    const server = await serveQueue({
      connection,
      queueName,
      concurrency,
      handlers,
      now: context.now,
      lockDurationMs: options.lockDurationMs,
      onJobFailed: (kind, error) => logger.error({ kind, err: error }, "job failed"),
      onError: (error) => logger.error({ queueName, err: error }, "queue error"),
    });
    servers.set(queueName, server);
  };
  const serveNewSites = async () => {
    for (const site of await listActiveSites(db)) {
      const queueName = siteQueueName(site.siteId);
      if (servers.has(queueName) || options.excludedSites?.includes(site.code) === true) continue;
      await serve(queueName, 1);
      logger.info({ site: site.code }, "serving site");
    }
  };
  const beat = () =>
    beatWorkerNode(db, {
      nodeId,
      engine: options.engine.name,
      queues: [...servers.keys()],
      startedAt,
      at: context.now(),
    });

  await extendOverdueRounds(context);
  await serve(platformQueueName, platformConcurrency);
  await serveNewSites();
  await beat();
  await reconcile(context, { isStart: true });

  const onError = (what: string) => (error: unknown) => logger.error({ err: error }, what);
  const repeated = [
    repeatEvery(siteRefreshMs, serveNewSites, onError("looking for sites failed")),
    repeatEvery(heartbeatMs, beat, onError("heartbeat failed")),
    repeatEvery(cancelIntervalMs, () => cancelRuns(context), onError("cancelling failed")),
    repeatEvery(
      options.reconcileIntervalMs ?? reconcileIntervalMs,
      () => reconcile(context, { isStart: false }),
      onError("reconciling failed"),
    ),
  ];
  return {
    async close() {
      await Promise.all(repeated.map((one) => one.stop()));
      await Promise.all([...servers.values()].map((server) => server.close()));
      context.children.close();
      await removeWorkerNode(db, nodeId);
      await queue.close();
      await db.$disconnect();
    },
  };
}

const platformConcurrency = 3;
const siteRefreshMs = 5_000;
const heartbeatMs = 10_000;
const cancelIntervalMs = 1_000;
const reconcileIntervalMs = 30_000;
