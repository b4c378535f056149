import { randomUUID } from "node:crypto";
import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { receiptText, signedReceiptSchema } from "@crossread/contracts/deidentification-receipt";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { sha256Of } from "@crossread/storage/content";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "../../../../tests/test-database.ts";
import { openBlobStore } from "../blob-store.ts";
import { createReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
import { deriveKey } from "@crossread/db/site-key";
import {
  testMasterKey,
  testPlatform,
  tinyDemonstration,
  type TestPlatform,
} from "../testing/test-platform.ts";
import type { RunningWorker } from "../worker.ts";

let platform: TestPlatform;
let worker: RunningWorker;
let siteId: string;

beforeAll(async () => {
  platform = await testPlatform(await testDatabase());
  worker = await platform.startWorker();
  siteId = platform.siteIds.get("north") ?? "";
});

afterAll(async () => {
  await worker.close();
  await platform[Symbol.asyncDispose]();
});

function phantomFiles(): Uint8Array[] {
  const frame = tinyDemonstration.frame ?? undefined;
  const site = generatePhantomSite({ siteIndex: 0, caseCount: 1, seed: 5, ...(frame && { frame }) });
  return [...site.studies()].flatMap((study) =>
    study.instances.map(({ header, pixels }) => writeMammogram(header, pixels)),
  );
}

/** As a browser does: stage the files, then ask for their ingest. */
async function upload(files: readonly Uint8Array[]): Promise<{ state: string; message: string }> {
  const store = await openBlobStore(platform.store);
  const uploadId = randomUUID();
  for (const [index, bytes] of files.entries()) {
    await store.put(`uploads/${siteId}/${uploadId}/${index}.dcm`, bytes);
  }
  await platform.queue.enqueue("ingest-upload", { siteId, uploadId });
  const { db } = platform.database;
  const find = () => db.backgroundJob.findUnique({ where: { id: `ingest.${uploadId}` } });
  await expect.poll(async () => (await find())?.finishedAt ?? null, { timeout: 90_000 }).not.toBeNull();
  expect(await store.list(`uploads/${siteId}/${uploadId}/`)).toEqual([]);
  const job = await find();
  return { state: job?.state ?? "", message: job?.message ?? "" };
}

describe("an upload", () => {
  test("becomes one case with its instances and thumbnails, and the same files again change nothing", async () => {
    const files = phantomFiles();
    expect(await upload(files)).toEqual({
      state: "completed",
      message: "4 accepted, 0 known already, 0 refused",
    });
    const { db } = platform.database;
    const cases = await db.case.findMany({ include: { subject: true, instances: true } });
    expect(cases).toHaveLength(1);
    expect(cases[0]?.subject.pseudonym).toMatch(/^XR-[0-9A-Z]{12}$/);
    expect(cases[0]?.instances.map(({ laterality, view }) => `${laterality}-${view}`).sort()).toEqual([
      "L-CC",
      "L-MLO",
      "R-CC",
      "R-MLO",
    ]);
    const store = await openBlobStore(platform.store);
    for (const instance of cases[0]?.instances ?? []) {
      expect(await store.has(instance.thumbnailKey ?? "")).toBe(true);
      const bytes = await store.get(instance.blobKey);
      expect(sha256Of(bytes)).toBe(instance.sha256);
      expect(Buffer.from(bytes).includes("P1-0001")).toBe(false);
    }
    const receipts = await db.deidentificationReceipt.findMany();
    expect(receipts).toHaveLength(1);
    const signed = signedReceiptSchema.parse(receipts[0]?.content);
    expect(signed.publicKey).toBe(createReceiptSigner(deriveKey(testMasterKey, "receipt signing")).publicKey);
    expect(signed.receipt.files.map(({ sha256After }) => sha256After).sort()).toEqual(
      cases[0]?.instances.map(({ sha256 }) => sha256).sort(),
    );
    expect(signed.receipt.files.every(({ profile }) => profile === "crossread-mammography")).toBe(true);
    expect(receiptText(signed.receipt)).not.toContain("P1-0001");
    expect((await upload(files)).message).toBe("0 accepted, 4 known already, 0 refused");
    expect(await db.instance.count()).toBe(4);
    expect((await db.deidentificationReceipt.findMany())[0]?.content).toEqual(signed);
  });

  test("refuses what is no mammogram or is cut off, with a reason and a remedy each", async () => {
    const [file] = phantomFiles();
    if (file === undefined) throw new Error("no phantom");
    const outcome = await upload([
      new TextEncoder().encode("just text"),
      file.subarray(0, 3_000),
      new Uint8Array(0),
    ]);
    expect(outcome).toEqual({ state: "completed", message: "0 accepted, 0 known already, 3 refused" });
    const refused = await platform.database.db.refusedFile.findMany({ orderBy: { code: "asc" } });
    expect(refused.map(({ code }) => code)).toEqual(["image-truncated", "image-truncated", "not-dicom"]);
    for (const { message, remedy } of refused) {
      expect(message).toMatch(/file [0-9a-f]{8}/);
      expect(remedy.length).toBeGreaterThan(10);
    }
  });

  test("looks for the breast: refuses an image that shows nothing, and doubts one that is mirrored", async () => {
    const site = generatePhantomSite({
      siteIndex: 2,
      caseCount: 1,
      seed: 9,
      frame: { widthPx: 96, heightPx: 120, pixelSizeMm: 2.5 },
    });
    const [view, next] = [...site.studies()][0]?.instances ?? [];
    if (view === undefined || next === undefined) throw new Error("no phantom");
    const columns = view.header.widthPx;
    const mirrored = view.pixels.map(
      (_, at) => view.pixels[at - (at % columns) + columns - 1 - (at % columns)] ?? 0,
    );
    const outcome = await upload([
      writeMammogram(view.header, mirrored),
      writeMammogram(next.header, next.pixels.slice().fill(0)),
    ]);
    expect(outcome.message).toBe("1 accepted, 0 known already, 1 refused");
    const { db } = platform.database;
    const newest = await db.instance.findFirstOrThrow({ orderBy: { receivedAt: "desc" } });
    expect(newest.labels).toEqual(["side-doubtful"]);
    expect(await db.refusedFile.findFirst({ where: { code: "image-blank" } })).toMatchObject({
      message: expect.stringMatching(
        /^A mammogram shows a breast, but file [0-9a-f]{8} has one value everywhere/,
      ),
    });
  });

  test("takes a file that names a person, and keeps nothing of the name", async () => {
    const [study] = [
      ...generatePhantomSite({
        siteIndex: 1,
        caseCount: 1,
        seed: 6,
        ...(tinyDemonstration.frame && { frame: tinyDemonstration.frame }),
      }).studies(),
    ];
    const view = study?.instances[0];
    if (view === undefined) throw new Error("no phantom");
    const header = {
      ...view.header,
      subjectId: "MUSTERFRAU-47110815",
      institutionName: "Klinikum Musterstadt",
    };
    const bytes = Buffer.from(writeMammogram(header, view.pixels));
    // (0012,0062) Patient Identity Removed, CS "YES" → "NO "
    bytes.set(Buffer.from("NO  "), bytes.indexOf(Buffer.from([0x12, 0x00, 0x62, 0x00])) + 8);
    expect((await upload([bytes])).message).toBe("1 accepted, 0 known already, 0 refused");
    const { db } = platform.database;
    const newest = await db.instance.findFirstOrThrow({ orderBy: { receivedAt: "desc" } });
    const stored = Buffer.from(await (await openBlobStore(platform.store)).get(newest.blobKey));
    for (const planted of ["MUSTERFRAU", "47110815", "Musterstadt", header.studyInstanceUid]) {
      expect(stored.includes(planted), planted).toBe(false);
    }
    expect(await db.subject.count({ where: { pseudonym: { contains: "MUSTERFRAU" } } })).toBe(0);
  });
});
