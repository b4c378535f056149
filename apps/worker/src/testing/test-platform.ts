import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingPlan } from "@crossread/contracts/training-plan";
import type { Database } from "@crossread/db/database";
import { createTrainingRun } from "@crossread/db/training-runs";
import { findRun } from "@crossread/db/run-state";
import { createQueueClient, type QueueClient } from "@crossread/queue/queue-client";
import { pino } from "pino";
import { expect } from "vitest";
import type { StoreSettings } from "../blob-store.ts";
import type { DemonstrationPlan } from "../demonstration-plan.ts";
import { seedDemonstration } from "../seed-demonstration.ts";
import { startWorker, type RunningWorker, type WorkerOptions } from "../worker.ts";

export const tinyTraining: TrainingPlan = {
  architecture: "compact-cbam",
  strategy: "fedavg",
  rounds: 2,
  localEpochs: 1,
  batchSize: 8,
  learningRate: 0.001,
  proximalMu: 0,
  seed: 42,
  quorum: 2,
  roundDeadlineMinutes: 10,
  isAugmented: true,
};

export const tinyDemonstration: DemonstrationPlan = {
  siteCodes: ["north", "east", "south"],
  casesPerSite: 8,
  seed: 7,
  difficulty: 0,
  malignantFraction: 0.5,
  benignFraction: 0.25,
  frame: { widthPx: 96, heightPx: 120, pixelSizeMm: 2.5 },
  fractions: { train: 0.5, tuning: 0.25, "internal-test": 0.25 },
  training: tinyTraining,
  readerCaseLimit: 3,
};

export const testMasterKey = new Uint8Array(32).fill(7);

export interface MigratedDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly connectionString: string;
}

export interface TestPlatform extends AsyncDisposable {
  readonly database: MigratedDatabase;
  readonly store: StoreSettings;
  readonly queue: QueueClient;
  readonly siteIds: ReadonlyMap<string, string>;
  startWorker(options?: Partial<WorkerOptions>): Promise<RunningWorker>;
  launch(cohortId: string, plan: TrainingPlan): Promise<string>;
  /** Waits until the run has ended, and gives its state and failure code. */
  settled(runId: string, timeoutMs: number): Promise<{ state: string; failureCode: string | null }>;
}

/** Sites and accounts of the demonstration on that database, which it takes over, and a blob directory of its own. */
export async function testPlatform(database: MigratedDatabase): Promise<TestPlatform> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-test-blobs-"));
  const store: StoreSettings = { kind: "files", directory };
  const { connectionString, db } = database;
  await seedDemonstration(db, "synthetic");
  const queue = await createQueueClient({ databaseUrl: connectionString });
  const sites = await db.site.findMany({ select: { id: true, code: true } });
  return {
    database,
    store,
    queue,
    siteIds: new Map(sites.map(({ code, id }) => [code, id])),
    startWorker: (options = {}) =>
      startWorker({
        nodeId: `test-${process.pid}-${Math.random()}`,
        databaseUrl: connectionString,
        store,
        masterKey: testMasterKey,
        engine: { name: "onnx", threadCount: 1 },
        childProcessCount: 2,
        yieldsToOthers: false,
        demonstration: tinyDemonstration,
        codeVersion: "crossread test",
        lockDurationMs: 3_000,
        logger: pino({ level: "silent" }),
        ...options,
      }),
    launch: async (cohortId, plan) => {
      const admin = await db.user.findUniqueOrThrow({ where: { email: "admin@demo.crossread" } });
      const { runId } = await createTrainingRun(db, {
        actorId: admin.id,
        name: `Run ${plan.seed}`,
        cohortId,
        siteIds: sites.map(({ id }) => id),
        plan,
        initialCheckpointId: null,
      });
      await queue.enqueue("prepare-run", { runId });
      return runId;
    },
    settled: async (runId, timeoutMs) => {
      await expect
        .poll(async () => (await findRun(db, runId))?.state, { timeout: timeoutMs, interval: 200 })
        .toMatch(/^(completed|failed|cancelled)$/);
      return db.trainingRun.findUniqueOrThrow({
        where: { id: runId },
        select: { state: true, failureCode: true },
      });
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await database[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
