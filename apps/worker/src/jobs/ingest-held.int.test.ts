import { randomUUID } from "node:crypto";
import { signedReceiptSchema } from "@crossread/contracts/deidentification-receipt";
import { pixelRegionsSchema, type PixelAnswer } from "@crossread/contracts/pixel-rule";
import { stagedKey } from "@crossread/contracts/upload";
import { decideHeldFiles } from "@crossread/db/decide-held-files";
import { recordArrivedFiles } from "@crossread/db/network-uploads";
import { listPixelRules, removePixelRule } from "@crossread/db/pixel-rules";
import { dismissRefusedFiles } from "@crossread/db/refused-files";
import { crossreadMammography } from "@crossread/dicom/deidentify/confidentiality-profile";
import { checkPixels } from "@crossread/dicom/deidentify/check-pixels";
import { deidentify } from "@crossread/dicom/deidentify/deidentify";
import { decodePixelData } from "@crossread/dicom/pixel-data";
import { readInstance } from "@crossread/dicom/read-instance";
import { loadSiteKey } from "@crossread/db/site-key";
import { sha256Of } from "@crossread/storage/content";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase } from "../../../../tests/test-database.ts";
import { openBlobStore } from "../blob-store.ts";
import { testMasterKey, testPlatform, type TestPlatform } from "../testing/test-platform.ts";
import { textFrame, textPhantom, textPlace } from "../../../../tests/text-phantom.ts";
import type { RunningWorker } from "../worker.ts";

let platform: TestPlatform;
let worker: RunningWorker;
let siteId: string;
let actorId: string;

beforeAll(async () => {
  platform = await testPlatform(await testDatabase());
  worker = await platform.startWorker();
  siteId = platform.siteIds.get("north") ?? "";
  actorId = (await platform.database.db.user.findFirstOrThrow()).id;
});

afterAll(async () => {
  await worker.close();
  await platform[Symbol.asyncDispose]();
});

const top = { xPx: textPlace.xPx, yPx: textPlace.yPx };
const bottom = { xPx: 90, yPx: 330 };

/** As STOW-RS and C-STORE do: whole files, staged, then noted, then handed to the worker. */
async function arrive(files: readonly Uint8Array[]): Promise<string> {
  const store = await openBlobStore(platform.store);
  const uploadId = randomUUID();
  const arrived = files.map((bytes) => {
    const sha256 = sha256Of(bytes);
    return { sha256, sizeBytes: bytes.length, stagedKey: stagedKey({ siteId, uploadId, sha256 }) };
  });
  for (const [index, file] of arrived.entries()) await store.put(file.stagedKey, files[index]!);
  const { db } = platform.database;
  await recordArrivedFiles(db, { uploadId, siteId, source: "stow", now: new Date() }, arrived);
  await platform.queue.enqueue("ingest-upload", { siteId, uploadId });
  await ended(uploadId);
  return uploadId;
}

async function ended(uploadId: string): Promise<void> {
  const { db } = platform.database;
  const busy = () => db.uploadFile.count({ where: { uploadId, state: { in: ["staged", "receiving"] } } });
  await expect.poll(busy, { timeout: 120_000, interval: 50 }).toBe(0);
  const state = async () => (await db.upload.findUniqueOrThrow({ where: { id: uploadId } })).state;
  await expect.poll(state, { timeout: 120_000, interval: 50 }).toBe("finished");
}

const statesOf = async (uploadId: string) =>
  (
    await platform.database.db.uploadFile.findMany({
      where: { uploadId },
      orderBy: { id: "asc" },
      select: { state: true },
    })
  ).map(({ state }) => state);

const refusalOf = (bytes: Uint8Array) =>
  platform.database.db.refusedFile.findUniqueOrThrow({
    where: { siteId_sha256: { siteId, sha256: sha256Of(bytes) } },
    include: { held: true },
  });

async function decide(
  bytes: Uint8Array,
  answer: PixelAnswer,
  more: { reach?: "file" | "alike"; isRemembered?: boolean } = {},
) {
  const { id: refusedFileId } = await refusalOf(bytes);
  const { reach = "file", isRemembered = false } = more;
  const decided = await decideHeldFiles(platform.database.db, {
    scope: [siteId],
    actorId,
    refusedFileId,
    answer,
    reach,
    isRemembered,
    now: new Date(),
  });
  for (const uploadId of decided.uploadIds) {
    await platform.queue.enqueue("ingest-upload", { siteId, uploadId });
  }
  for (const uploadId of decided.uploadIds) await ended(uploadId);
  return decided;
}

/** The newest instance, as it is stored, with what its receipt says of its pixels. */
async function newest() {
  const { db } = platform.database;
  const instance = await db.instance.findFirstOrThrow({
    orderBy: { receivedAt: "desc" },
    include: { series: { include: { study: { include: { receipt: true } } } } },
  });
  const bytes = await (await openBlobStore(platform.store)).get(instance.blobKey);
  const receipt = signedReceiptSchema.parse(instance.series.study.receipt?.content);
  const listed = receipt.receipt.files.find(
    ({ sopInstanceUid }) => sopInstanceUid === instance.sopInstanceUid,
  );
  const check = { fileName: "stored", codecs: undefined, saysBurnedIn: false };
  return { bytes, listed, check: await checkPixels(bytes, check) };
}

const keptBlobs = async () => (await openBlobStore(platform.store)).list("held/");
const instanceCount = () => platform.database.db.instance.count();

describe("a file from the network whose pixels hold text", () => {
  test("is held without its identity, masked as it was decided, once however often it is said, and taken in", async () => {
    const file = textPhantom({ seed: 21, textAt: top });
    const uploadId = await arrive([file]);
    expect(await statesOf(uploadId)).toEqual(["held"]);
    expect(await instanceCount()).toBe(0);
    const refusal = await refusalOf(file);
    expect(refusal).toMatchObject({ code: "suspected-text", resolvedAt: null });
    expect(refusal.remedy).toMatch(/cover/);
    const [held] = refusal.held;
    const store = await openBlobStore(platform.store);
    const kept = Buffer.from(await store.get(held?.blobKey ?? ""));
    expect(kept.includes("PATIENT 21")).toBe(false);
    expect((await store.get(held?.previewKey ?? "")).length).toBeGreaterThan(100);
    expect(await store.list("uploads/")).toEqual([]);
    expect(await store.list("thumbnails/")).toEqual([]);
    const regions = pixelRegionsSchema.parse(held?.regions);
    expect(regions).toHaveLength(1);

    const answer = { kind: "mask" as const, regions };
    const said = await Promise.all([1, 2].map(() => decide(file, answer)));
    expect(said.reduce((total, { decidedCount }) => total + decidedCount, 0)).toBe(1);
    expect(await statesOf(uploadId)).toEqual(["accepted"]);
    const { bytes, check, listed } = await newest();
    expect(check.status).toBe("clean");
    const values = await decodePixelData(readInstance(bytes, "stored"));
    const { xPx, yPx } = textPlace;
    expect(
      new Set(values.slice(yPx * textFrame.widthPx + xPx, yPx * textFrame.widthPx + xPx + 40)).size,
    ).toBe(1);
    expect(listed).toMatchObject({ pixelDecision: { kind: "masked", by: "hand" }, wasOurs: false });
    expect(listed?.actionCounts.U).toBeGreaterThan(2);
    expect((await refusalOf(file)).resolvedAt).not.toBeNull();
    await expect.poll(keptBlobs, { timeout: 60_000 }).toEqual([]);
    const audit = await platform.database.db.auditEvent.findMany({ where: { action: "quarantine.decide" } });
    expect(audit).toHaveLength(1);
    expect(audit[0]).toMatchObject({ actorId, siteId, entityId: refusal.id });
  }, 400_000);

  test("is taken in as it is where a person lets it pass, and left out where nobody wants it", async () => {
    const allowed = textPhantom({ seed: 22, textAt: top });
    await arrive([allowed]);
    await decide(allowed, { kind: "allow" });
    const { check, listed } = await newest();
    expect(check.status).toBe("suspected-text");
    expect(listed).toMatchObject({
      pixels: "suspected-text",
      pixelDecision: { kind: "allowed", by: "hand" },
    });

    const unwanted = textPhantom({ seed: 23, textAt: top });
    const uploadId = await arrive([unwanted]);
    const { id } = await refusalOf(unwanted);
    const dismissal = {
      scope: [siteId],
      actorId,
      refusedFileIds: [id],
      reason: "Not needed.",
      now: new Date(),
    };
    await dismissRefusedFiles(platform.database.db, dismissal);
    expect(await statesOf(uploadId)).toEqual(["refused"]);
    await platform.queue.enqueue("ingest-upload", { siteId, uploadId });
    await expect.poll(keptBlobs, { timeout: 60_000 }).toEqual([]);
    await expect(decide(unwanted, { kind: "allow" })).rejects.toMatchObject({ code: "not-found" });
  }, 400_000);

  test("is not asked about again where the sender's person has decided", async () => {
    const siteKey = await loadSiteKey(platform.database.db, siteId, testMasterKey);
    const options = { profile: crossreadMammography, siteKey, fileName: "file" };
    const sent = await deidentify(textPhantom({ seed: 24, textAt: top }), {
      ...options,
      arePixelsAllowed: true,
    });
    expect(await statesOf(await arrive([sent.bytes]))).toEqual(["accepted"]);
    expect((await newest()).listed).toMatchObject({ pixelDecision: { kind: "allowed", by: "sender" } });
    const unsaid = await deidentify(textPhantom({ seed: 25, textAt: top }), options);
    expect(await statesOf(await arrive([unsaid.bytes]))).toEqual(["held"]);
    await decide(unsaid.bytes, { kind: "allow" });
  }, 400_000);

  test("is decided with all that are alike, and those to come follow the rule until it is removed", async () => {
    const { db } = platform.database;
    const files = [
      textPhantom({ seed: 31, textAt: top }),
      textPhantom({ seed: 32, textAt: top }),
      textPhantom({ seed: 33, textAt: bottom }),
    ];
    const uploadId = await arrive(files);
    expect(await statesOf(uploadId)).toEqual(["held", "held", "held"]);
    const [first, , elsewhere] = files as [Uint8Array, Uint8Array, Uint8Array];
    const regions = pixelRegionsSchema.parse((await refusalOf(first)).held[0]?.regions);
    const decided = await decide(first, { kind: "mask", regions }, { reach: "alike", isRemembered: true });
    expect(decided.decidedCount).toBe(2);
    expect((await statesOf(uploadId)).toSorted()).toEqual(["accepted", "accepted", "held"]);
    expect(await listPixelRules(db, siteId)).toMatchObject([
      { ruleId: decided.ruleId, kind: "mask", manufacturer: "HOLOGIC Inc.", rows: textFrame.heightPx },
    ]);

    expect(await statesOf(await arrive([textPhantom({ seed: 34, textAt: top })]))).toEqual(["accepted"]);
    const next = await newest();
    expect(next.check.status).toBe("clean");
    expect(next.listed?.pixelDecision).toEqual({ kind: "masked", by: "rule", ruleId: decided.ruleId });
    expect(await statesOf(await arrive([textPhantom({ seed: 35, textAt: bottom })]))).toEqual(["held"]);
    await removePixelRule(db, { siteId, ruleId: decided.ruleId ?? "", actorId });
    expect(await statesOf(await arrive([textPhantom({ seed: 36, textAt: top })]))).toEqual(["held"]);
    await decide(elsewhere, { kind: "allow" }, { reach: "alike" });
    expect(await db.uploadFile.count({ where: { siteId, state: "held" } })).toBe(1);
  }, 400_000);

  test("is settled once where the worker dies over a decision", async () => {
    const file = textPhantom({ seed: 41, textAt: bottom });
    const uploadId = await arrive([file]);
    await worker.close();
    const before = await instanceCount();
    const { db } = platform.database;
    const { id: refusedFileId } = await refusalOf(file);
    const decision = { scope: [siteId], actorId, refusedFileId, answer: { kind: "allow" as const } };
    await decideHeldFiles(db, { ...decision, reach: "file", isRemembered: false, now: new Date() });
    // Nobody told the queue: two workers start and find what waits, one of them is stopped at once.
    const [dying, living] = await Promise.all([1, 2].map(() => platform.startWorker()));
    await dying?.close();
    await ended(uploadId);
    worker = living ?? (await platform.startWorker());
    expect(await statesOf(uploadId)).toEqual(["accepted"]);
    expect(await instanceCount()).toBe(before + 1);
    expect((await refusalOf(file)).resolvedAt).not.toBeNull();
  }, 400_000);
});

describe("where the files held for a site have no more room", () => {
  test("a file is refused, nothing of it is kept, and it is held once there is room again", async () => {
    await worker.close();
    worker = await platform.startWorker({ ingest: { heldBytesLimit: 1 } });
    siteId = platform.siteIds.get("south") ?? "";
    const ofSite = async () => (await keptBlobs()).filter((key) => key.startsWith(`held/${siteId}/`));
    const [first, second] = [textPhantom({ seed: 61, textAt: top }), textPhantom({ seed: 62, textAt: top })];
    // One always finds room.
    expect(await statesOf(await arrive([first]))).toEqual(["held"]);
    const kept = await ofSite();
    expect(kept).toHaveLength(2);
    expect(await statesOf(await arrive([second]))).toEqual(["refused"]);
    expect(await refusalOf(second)).toMatchObject({ code: "held-quota", held: [] });
    expect(await ofSite()).toEqual(kept);

    const { id } = await refusalOf(first);
    const { held } = await dismissRefusedFiles(platform.database.db, {
      scope: [siteId],
      actorId,
      refusedFileIds: [id],
      reason: "Not needed",
      now: new Date(),
    });
    for (const upload of held) await platform.queue.enqueue("ingest-upload", upload);
    expect(await statesOf(await arrive([second]))).toEqual(["held"]);
    await expect
      .poll(async () => (await ofSite()).some((key) => kept.includes(key)), { timeout: 120_000 })
      .toBe(false);
  });
});
