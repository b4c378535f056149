import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { evaluationReportSchema } from "@crossread/contracts/evaluation-report";
import { verifyAudit } from "@crossread/db/audit";
import { checkpointManifestSchema } from "@crossread/model/checkpoint-manifest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "../../../tests/test-database.ts";
import { openBlobStore } from "./blob-store.ts";
import { testMasterKey, testPlatform, tinyTraining, type TestPlatform } from "./testing/test-platform.ts";
import type { RunningWorker } from "./worker.ts";

const longMs = 400_000;
let platform: TestPlatform;
let worker: RunningWorker | undefined;
let spawned: ChildProcess | undefined;

beforeAll(async () => {
  platform = await testPlatform(await testDatabase());
});

afterAll(async () => {
  spawned?.kill("SIGKILL");
  await worker?.close();
  await platform[Symbol.asyncDispose]();
});

async function demonstrationRun() {
  const { db } = platform.database;
  return db.trainingRun.findFirstOrThrow({ where: { name: "Demonstration training" } });
}

const finalSha = async (runId: string): Promise<string | undefined> => {
  const { db } = platform.database;
  const checkpoints = await db.checkpoint.findMany({ where: { runId }, orderBy: { roundNumber: "asc" } });
  return checkpoints.at(-1)?.sha256;
};

describe("a worker", () => {
  test(
    "fills an empty platform: studies, frozen cohort, trained and evaluated rounds, maps, a reader study",
    async () => {
      const { db } = platform.database;
      worker = await platform.startWorker();
      await platform.queue.enqueue("prepare-demonstration", {});
      await expect
        .poll(
          async () => (await db.backgroundJob.findUnique({ where: { id: "prepare-demonstration" } }))?.state,
          {
            timeout: longMs,
            interval: 250,
          },
        )
        .toMatch(/completed|failed/);
      const job = await db.backgroundJob.findUniqueOrThrow({ where: { id: "prepare-demonstration" } });
      expect(job).toMatchObject({ state: "completed", progress: 1 });

      const run = await demonstrationRun();
      const rounds = await db.trainingRound.findMany({
        where: { runId: run.id },
        include: { updates: true },
      });
      expect(rounds.map(({ state, updates }) => [state, updates.map((update) => update.state)])).toEqual(
        [1, 2].map(() => ["completed", ["accepted", "accepted", "accepted"]]),
      );
      expect(await db.instance.count()).toBe(96);
      expect(await db.case.count({ where: { referenceStandards: { some: { source: "data_set" } } } })).toBe(
        24,
      );
      expect(await db.annotation.count({ where: { source: "reference" } })).toBeGreaterThan(0);
      expect(await db.readingAssignment.count()).toBe(6);
      expect((await db.validationRound.findFirstOrThrow()).state).toBe("reading");
      expect(await verifyAudit(db)).toMatchObject({ isIntact: true });

      const last = await db.checkpoint.findFirstOrThrow({ where: { runId: run.id, roundNumber: 2 } });
      const manifest = checkpointManifestSchema.parse(last.manifest);
      expect(manifest.lineage.updates.map(({ siteId }) => siteId)).toEqual(["east", "north", "south"]);
      const evaluations = await db.evaluation.findMany({ where: { checkpointId: last.id } });
      expect(evaluations).toHaveLength(4);
      const pooled = evaluationReportSchema.parse(evaluations.find(({ siteId }) => siteId === null)?.report);
      const tested = await db.instance.count({
        where: { case: { cohortCases: { some: { split: "internal_test" } } } },
      });
      expect(pooled).toMatchObject({ level: "breast", caseCount: tested / 2 });
      expect(pooled.operatingPoint.chosenOn).toBe("tuning");
      const mapsOf = (classLabel: "malignant" | "benign") =>
        db.saliencyMap.count({ where: { checkpointId: last.id, classLabel } });
      expect(await mapsOf("malignant")).toBe(tested);
      // The demonstration does not wait for the other class.
      await expect.poll(() => mapsOf("benign"), { timeout: longMs, interval: 250 }).toBe(tested);
      const map = await db.saliencyMap.findFirstOrThrow({ where: { checkpointId: last.id } });
      expect([map.widthPx, map.heightPx]).toEqual([96, 120]);
      expect(await (await openBlobStore(platform.store)).has(map.blobKey)).toBe(true);
    },
    longMs,
  );

  test(
    "gives the same final weights after a kill in mid-round as undisturbed, with one update a site and round",
    async () => {
      const { db, connectionString } = platform.database;
      await worker?.close();
      worker = undefined;
      const first = await demonstrationRun();
      spawned = spawn(process.execPath, [fileURLToPath(new URL("../bin/main.mjs", import.meta.url))], {
        env: {
          ...process.env,
          DATABASE_URL: connectionString,
          BLOB_DIRECTORY: platform.store.kind === "files" ? platform.store.directory : "",
          CROSSREAD_MASTER_KEY: Buffer.from(testMasterKey).toString("hex"),
          CROSSREAD_LOCK_SECONDS: "3",
          CROSSREAD_CHILD_PROCESSES: "2",
          LOG_LEVEL: "silent",
        },
        stdio: "ignore",
      });
      const runId = await platform.launch(first.cohortId, tinyTraining);
      await expect
        .poll(
          async () => {
            const updates = await db.siteUpdate.findMany({ where: { round: { runId } } });
            return updates.some(({ state }) => state === "training");
          },
          { timeout: longMs, interval: 20 },
        )
        .toBe(true);
      spawned.kill("SIGKILL");
      await once(spawned, "exit");
      const interrupted = await db.siteUpdate.findMany({ where: { round: { runId }, state: "training" } });
      worker = await platform.startWorker();
      expect(await platform.settled(runId, longMs)).toEqual({ state: "completed", failureCode: null });
      expect(await finalSha(runId)).toBe(await finalSha(first.id));
      const updates = await db.siteUpdate.findMany({ where: { round: { runId } } });
      expect(updates.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => "accepted"));
      // What the kill interrupted was taken over under a higher fence.
      for (const { fence, id } of interrupted) {
        expect(updates.find((update) => update.id === id)?.fence).toBeGreaterThan(fence);
      }
    },
    longMs,
  );

  test(
    "stops a cancelled run within seconds and keeps nothing of its round",
    async () => {
      const { db } = platform.database;
      const { cohortId } = await demonstrationRun();
      worker ??= await platform.startWorker();
      const runId = await platform.launch(cohortId, { ...tinyTraining, localEpochs: 50, seed: 2 });
      await expect
        .poll(() => db.siteUpdate.count({ where: { round: { runId }, state: "training" } }), {
          timeout: longMs,
        })
        .toBeGreaterThan(0);
      await db.trainingRun.update({ where: { id: runId }, data: { state: "cancelling" } });
      expect(await platform.settled(runId, 60_000)).toMatchObject({ state: "cancelled" });
      const [round] = await db.trainingRound.findMany({ where: { runId }, include: { updates: true } });
      expect([round?.state, ...(round?.updates.map(({ state }) => state) ?? [])]).toEqual([
        "cancelled",
        "cancelled",
        "cancelled",
        "cancelled",
      ]);
    },
    longMs,
  );

  test(
    "goes on without a site that is dead when the deadline comes, as long as the quorum is reached",
    async () => {
      const { db } = platform.database;
      const { cohortId } = await demonstrationRun();
      await worker?.close();
      worker = await platform.startWorker({ excludedSites: ["south"], reconcileIntervalMs: 500 });
      const runId = await platform.launch(cohortId, { ...tinyTraining, rounds: 1, seed: 3 });
      await expect
        .poll(() => db.siteUpdate.count({ where: { round: { runId }, state: "received" } }), {
          timeout: longMs,
        })
        .toBe(2);
      // The deadline comes now instead of in ten minutes.
      await db.trainingRound.updateMany({ where: { runId }, data: { deadlineAt: new Date() } });
      expect(await platform.settled(runId, longMs)).toEqual({ state: "completed", failureCode: null });
      const updates = await db.siteUpdate.findMany({
        where: { round: { runId } },
        orderBy: { site: { code: "asc" } },
      });
      expect(updates.map(({ state }) => state)).toEqual(["accepted", "accepted", "missed"]);
    },
    longMs,
  );
});
