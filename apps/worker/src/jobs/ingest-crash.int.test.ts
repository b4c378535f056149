import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { openUpload, announceFile, finishSending, stageFile } from "@crossread/db/uploads";
import { stagedKey } from "@crossread/contracts/upload";
import { sha256Of } from "@crossread/storage/content";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "../../../../tests/test-database.ts";
import { openBlobStore } from "../blob-store.ts";
import {
  testMasterKey,
  testPlatform,
  tinyDemonstration,
  type TestPlatform,
} from "../testing/test-platform.ts";

const studyCount = 8;

let platform: TestPlatform;

beforeAll(async () => {
  platform = await testPlatform(await testDatabase());
});

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

/** Eight studies of four views, and files that cannot be accepted; others for every seed. */
function folder(siteIndex: number, seed: number): Uint8Array[] {
  const frame = tinyDemonstration.frame ?? undefined;
  const site = generatePhantomSite({ siteIndex, caseCount: studyCount, seed, ...(frame && { frame }) });
  const images = [...site.studies()].flatMap((study) =>
    study.instances.map(({ header, pixels }) => writeMammogram(header, pixels)),
  );
  const broken = images.slice(0, 5).map((bytes, index) => bytes.slice(0, -1_000 * (index + 1)));
  return [...images, ...broken, new TextEncoder().encode(`This is no image (${seed}).`)];
}

async function send(files: readonly Uint8Array[], siteCode: string): Promise<string> {
  const { db } = platform.database;
  const store = await openBlobStore(platform.store);
  const siteId = platform.siteIds.get(siteCode) ?? "";
  const actorId = (await db.user.findFirstOrThrow()).id;
  const uploadId = randomUUID();
  const now = new Date();
  await openUpload(db, {
    uploadId,
    siteId,
    actorId,
    source: "browser",
    profile: null,
    announcedFiles: files.length,
    announcedBytes: 0,
    now,
  });
  for (const bytes of files) {
    const file = { siteId, uploadId, sha256: sha256Of(bytes) };
    const { fileId } = await announceFile(db, {
      ...file,
      sizeBytes: bytes.length,
      stagedBytesLimit: 1e9,
      now,
    });
    await store.put(stagedKey(file), bytes);
    await stageFile(db, { fileId, stagedKey: stagedKey(file), sizeBytes: bytes.length });
  }
  await finishSending(db, { uploadId, siteId, actorId, now });
  return uploadId;
}

const settledCount = (uploadId: string) =>
  platform.database.db.uploadFile.count({ where: { uploadId, state: { notIn: ["staged", "receiving"] } } });

async function finished(uploadId: string): Promise<void> {
  const find = () => platform.database.db.upload.findUniqueOrThrow({ where: { id: uploadId } });
  await expect.poll(async () => (await find()).state, { timeout: 120_000, interval: 50 }).toBe("finished");
}

/** What every file of a folder became, in the folder's order, and whether rows and blobs agree. */
async function ending(uploadId: string, files: readonly Uint8Array[]) {
  const { db } = platform.database;
  const store = await openBlobStore(platform.store);
  const { siteId } = await db.upload.findUniqueOrThrow({ where: { id: uploadId } });
  const rows = await db.uploadFile.findMany({ where: { uploadId } });
  const states = new Map(rows.map(({ code, sha256, state }) => [sha256, `${state} ${code}`]));
  const instances = await db.instance.findMany({ where: { siteId } });
  const refused = await db.refusedFile.findMany({ where: { siteId } });
  const codes = new Map(refused.map(({ code, sha256 }) => [sha256, code]));
  const hasBlobs = await Promise.all(
    instances.flatMap(({ blobKey, thumbnailKey }) => [store.has(blobKey), store.has(thumbnailKey ?? "x")]),
  );
  return {
    files: files.map((bytes) => states.get(sha256Of(bytes))),
    refusals: files.map((bytes) => codes.get(sha256Of(bytes))),
    refusalCount: refused.length,
    fileCount: rows.length,
    instanceCount: instances.length,
    distinctCount: new Set(instances.map(({ sopInstanceUid }) => sopInstanceUid)).size,
    caseCount: await db.case.count({ where: { siteId } }),
    studyCount: await db.study.count({ where: { siteId } }),
    subjectCount: await db.subject.count({ where: { siteId } }),
    hasEveryBlob: hasBlobs.every(Boolean),
    staged: await store.list(`uploads/${siteId}/`),
  };
}

/** Content that no row names, of all sites. */
async function looseBlobs(): Promise<string[]> {
  const store = await openBlobStore(platform.store);
  const instances = await platform.database.db.instance.findMany();
  const named = new Set(instances.flatMap(({ blobKey, thumbnailKey }) => [blobKey, thumbnailKey ?? ""]));
  const blobs = [...(await store.list("instances/")), ...(await store.list("thumbnails/"))];
  return blobs.filter((key) => !named.has(key));
}

function spawnWorker() {
  return spawn(process.execPath, [fileURLToPath(new URL("../../bin/main.mjs", import.meta.url))], {
    env: {
      ...process.env,
      DATABASE_URL: platform.database.connectionString,
      BLOB_DIRECTORY: platform.store.kind === "files" ? platform.store.directory : "",
      CROSSREAD_MASTER_KEY: Buffer.from(testMasterKey).toString("hex"),
      CROSSREAD_LOCK_SECONDS: "2",
      CROSSREAD_CHILD_PROCESSES: "2",
      LOG_LEVEL: "silent",
    },
    stdio: "ignore",
  });
}

describe("an ingest", () => {
  test("that is killed again and again ends as one that was left alone", async () => {
    const calmFiles = folder(0, 11);
    const calm = await send(calmFiles, "north");
    const calmWorker = await platform.startWorker();
    await finished(calm);
    await calmWorker.close();
    const expected = await ending(calm, calmFiles);
    expect(expected).toMatchObject({
      instanceCount: 4 * studyCount,
      distinctCount: 4 * studyCount,
      caseCount: studyCount,
      studyCount,
      subjectCount: studyCount,
      refusalCount: 6,
      hasEveryBlob: true,
      staged: [],
    });

    const stormyFiles = folder(1, 12);
    const stormy = await send(stormyFiles, "east");
    for (const killedAt of [0, 1, 20]) {
      const worker = spawnWorker();
      // As soon as so many files are settled: transactions and deletions are under way then.
      await expect
        .poll(() => settledCount(stormy), { timeout: 120_000, interval: 5 })
        .toBeGreaterThanOrEqual(killedAt);
      if (killedAt === 0) await new Promise((resolve) => setTimeout(resolve, 2_500));
      worker.kill("SIGKILL");
      await once(worker, "exit");
    }
    const worker = await platform.startWorker({ lockDurationMs: 2_000, reconcileIntervalMs: 500 });
    await finished(stormy);
    await worker.close();
    expect(await ending(stormy, stormyFiles)).toEqual(expected);
    expect(await looseBlobs()).toEqual([]);
  }, 400_000);

  test("by two workers at a time accepts nothing twice, and a small upload has its turn between", async () => {
    const files = folder(2, 13);
    const large = await send(files, "south");
    const small = await send([new TextEncoder().encode("small")], "north");
    const workers = await Promise.all(
      [1, 2].map(() => platform.startWorker({ ingest: { filesPerTurn: 8, laneCount: 1 } })),
    );
    const siteId = platform.siteIds.get("south") ?? "";
    // A second delivery of the same job, as after a lock that was lost.
    await platform.queue.enqueue("ingest-upload", { siteId, uploadId: large }, { generation: "again" });
    await finished(small);
    await finished(large);
    await Promise.all(workers.map((worker) => worker.close()));
    const endOf = async (id: string) =>
      (await platform.database.db.upload.findUniqueOrThrow({ where: { id } })).finishedAt?.getTime();
    expect(await endOf(small)).toBeLessThan((await endOf(large)) ?? 0);
    const end = await ending(large, files);
    expect(end).toMatchObject({ instanceCount: 4 * studyCount, staged: [], hasEveryBlob: true });
    expect(end.files.filter((state) => state === "accepted null")).toHaveLength(4 * studyCount);
    expect(await looseBlobs()).toEqual([]);
  }, 400_000);
});
