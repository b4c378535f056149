import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Membership } from "@crossread/contracts/role";
import { partPrefix, stagedKey, uploadLimits } from "@crossread/contracts/upload";
import { cancelUpload, finishSending, openUpload } from "@crossread/db/uploads";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import type { ObjectStore } from "@crossread/storage/object-store";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { answering, type RouteContext } from "../../server/route-answer.ts";
import { answerFileState, receiveChunk, type FileRequest } from "./receive-chunk.ts";

vi.mock("server-only", () => ({}));

const chunkBytes = uploadLimits.chunkBytes;
let database: TestDatabase;
let directory: string;
let store: ObjectStore;
let userId: string;
const siteIds: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  directory = await mkdtemp(join(tmpdir(), "crossread-upload-"));
  store = createFileObjectStore(directory);
  const { db } = database;
  for (const [colourIndex, code] of ["north", "east"].entries()) {
    const site = await db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } });
    siteIds.push(site.id);
  }
  userId = (await db.user.create({ data: { email: "c@example.org", name: "C", passwordHash: "x" } })).id;
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const coordinator = (siteId: string): Membership[] => [{ role: "coordinator", siteId }];

function contextOf(memberships: Membership[] | undefined): RouteContext {
  const actor =
    memberships === undefined ? undefined : { userId, name: "C", email: "c@example.org", memberships };
  return { actor, db: database.web, store };
}

async function begin(siteId = siteIds[0] ?? ""): Promise<{ siteId: string; uploadId: string }> {
  const uploadId = randomUUID();
  await openUpload(database.db, {
    uploadId,
    siteId,
    actorId: userId,
    source: "browser",
    profile: "basic",
    announcedFiles: 1,
    announcedBytes: 1,
    now: new Date(),
  });
  return { siteId, uploadId };
}

const content = (size: number, seed: number) =>
  Uint8Array.from({ length: size }, (_, index) => (index * 7 + seed) % 253);
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

interface Sending {
  readonly place: FileRequest["place"];
  readonly sizeBytes: number;
  readonly offset?: number;
  readonly chunk?: Uint8Array<ArrayBuffer>;
  readonly memberships?: Membership[] | undefined;
  readonly stagedBytesLimit?: number;
}

async function ask(sending: Sending) {
  const { chunk, offset, place, sizeBytes } = sending;
  const query = new URLSearchParams({ size: String(sizeBytes) });
  if (offset !== undefined) query.set("offset", String(offset));
  const request = {
    place,
    query,
    stagedBytesLimit: sending.stagedBytesLimit ?? 1e9,
    now: new Date(),
  };
  const memberships = "memberships" in sending ? sending.memberships : coordinator(place.siteId);
  const context = contextOf(memberships);
  const answer = await answering(() =>
    chunk === undefined
      ? answerFileState(context, request)
      : receiveChunk(context, { ...request, body: new Blob([chunk]).stream() }),
  );
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), ...body };
}

describe("a file that is received", () => {
  test("in chunks is put together, staged under its digest, and leaves no part behind", async () => {
    const bytes = content(2 * chunkBytes + 5, 1);
    const place = { ...(await begin()), sha256: digestOf(bytes) };
    const file = { place, sizeBytes: bytes.length };
    expect(await ask(file)).toMatchObject({ state: "receiving", receivedBytes: 0 });
    await ask({ ...file, offset: 0, chunk: bytes.slice(0, chunkBytes) });
    // The answer was lost and the sender tries once more: it is told where to go on.
    expect(await ask({ ...file, offset: 0, chunk: bytes.slice(0, chunkBytes) })).toMatchObject({
      status: 409,
      code: "chunk-misplaced",
      receivedBytes: chunkBytes,
    });
    expect(await ask(file)).toMatchObject({ state: "receiving", receivedBytes: chunkBytes });
    await ask({ ...file, offset: chunkBytes, chunk: bytes.slice(chunkBytes, 2 * chunkBytes) });
    const end = await ask({ ...file, offset: 2 * chunkBytes, chunk: bytes.slice(2 * chunkBytes) });
    expect(end).toMatchObject({ status: 200, state: "staged", receivedBytes: bytes.length });
    expect(Buffer.from(await store.get(stagedKey(place))).equals(Buffer.from(bytes))).toBe(true);
    expect(await store.list(partPrefix(place))).toEqual([]);
    expect(await ask({ ...file, offset: 0, chunk: bytes.slice(0, 10) })).toMatchObject({ state: "staged" });
  });

  test("with another digest than it says is thrown away and begins again", async () => {
    const bytes = content(chunkBytes + 9, 2);
    const wrong = { ...(await begin()), sha256: digestOf(content(3, 3)) };
    const file = { place: wrong, sizeBytes: bytes.length };
    await ask({ ...file, offset: 0, chunk: bytes.slice(0, chunkBytes) });
    expect(await ask({ ...file, offset: chunkBytes, chunk: bytes.slice(chunkBytes) })).toMatchObject({
      status: 409,
      code: "blob-digest-mismatch",
    });
    expect(await ask(file)).toMatchObject({ state: "receiving", receivedBytes: 0 });
    expect(await store.has(stagedKey(wrong))).toBe(false);
    expect(await store.list(partPrefix(wrong))).toEqual([]);
    const small = { ...(await begin()), sha256: digestOf(content(3, 3)) };
    expect(await ask({ place: small, sizeBytes: 4, offset: 0, chunk: content(4, 4) })).toMatchObject({
      status: 409,
      code: "blob-digest-mismatch",
    });
  });

  test("is taken from coordinators of that site only, into an upload of that site", async () => {
    const bytes = content(10, 5);
    const place = { ...(await begin()), sha256: digestOf(bytes) };
    const file = { place, sizeBytes: 10, offset: 0, chunk: bytes };
    const statusOf = async (memberships: Membership[] | undefined) =>
      (await ask({ ...file, memberships })).status;
    expect(await statusOf(undefined)).toBe(401);
    expect(await statusOf(coordinator(siteIds[1] ?? ""))).toBe(403);
    expect(await statusOf([{ role: "radiologist", siteId: place.siteId }])).toBe(403);
    expect(await statusOf([{ role: "auditor", siteId: null }])).toBe(403);
    const elsewhere = { ...place, siteId: siteIds[1] ?? "" };
    expect(await ask({ ...file, place: elsewhere })).toMatchObject({ status: 404 });
    expect(await store.list("uploads/")).not.toContain(stagedKey(place));
  });

  test("has no way out of its place, and no more bytes than it says", async () => {
    const bytes = content(10, 6);
    const place = { ...(await begin()), sha256: digestOf(bytes) };
    for (const sha256 of [
      "../../instances/x",
      "..%2F..%2Fx",
      `${place.sha256}/..`,
      place.sha256.toUpperCase(),
    ]) {
      expect((await ask({ place: { ...place, sha256 }, sizeBytes: 10 })).status, sha256).toBe(400);
    }
    expect((await ask({ place, sizeBytes: uploadLimits.fileBytes + 1 })).status).toBe(400);
    expect((await ask({ place, sizeBytes: 10, offset: 0, chunk: content(11, 6) })).status).toBe(400);
    expect((await ask({ place, sizeBytes: 10, offset: 0, chunk: new Uint8Array(0) })).status).toBe(400);
    expect((await ask({ place, sizeBytes: 11 })).status).toBe(409);
    expect(await ask({ place, sizeBytes: 10, offset: 0, chunk: bytes })).toMatchObject({ state: "staged" });
  });

  test("waits outside while the site's stage is full, and is told for how long", async () => {
    const upload = await begin(siteIds[1]);
    const stagedBytesLimit = 1_000;
    const send = (bytes: Uint8Array<ArrayBuffer>) =>
      ask({
        place: { ...upload, sha256: digestOf(bytes) },
        sizeBytes: bytes.length,
        offset: 0,
        chunk: bytes,
        stagedBytesLimit,
      });
    expect(await send(content(900, 7))).toMatchObject({ state: "staged" });
    expect(await send(content(200, 8))).toMatchObject({
      status: 503,
      code: "upload-quota",
      retryAfter: "5",
    });
    await database.db.uploadFile.updateMany({
      where: { uploadId: upload.uploadId },
      data: { state: "accepted" },
    });
    expect(await send(content(200, 8))).toMatchObject({ state: "staged" });
  });

  test("that the site sent and had accepted before is known in every later upload", async () => {
    const bytes = content(300, 9);
    const first = { ...(await begin()), sha256: digestOf(bytes) };
    await ask({ place: first, sizeBytes: 300, offset: 0, chunk: bytes });
    const again = { ...(await begin()), sha256: first.sha256 };
    expect(await ask({ place: again, sizeBytes: 300 })).toMatchObject({ state: "receiving" });
    await database.db.uploadFile.updateMany({
      where: { uploadId: first.uploadId },
      data: { state: "accepted" },
    });
    const third = { ...(await begin()), sha256: first.sha256 };
    expect(await ask({ place: third, sizeBytes: 300 })).toMatchObject({ state: "known" });
    const otherSite = { ...(await begin(siteIds[1])), sha256: first.sha256 };
    expect(await ask({ place: otherSite, sizeBytes: 300 })).toMatchObject({ state: "receiving" });
  });
});

describe("an upload", () => {
  test("takes nothing more once it is finished or cancelled, and can be taken up again unless cancelled", async () => {
    const { db } = database;
    const end = { actorId: userId, now: new Date() };
    const finished = await begin();
    await finishSending(db, { ...finished, ...end });
    const place = { ...finished, sha256: digestOf(content(8, 10)) };
    expect(await ask({ place, sizeBytes: 8 })).toMatchObject({ status: 409, code: "conflict" });
    const again = { ...finished, ...end, profile: "basic", announcedFiles: 1, announcedBytes: 8 };
    await openUpload(db, { ...again, source: "browser" });
    expect(await ask({ place, sizeBytes: 8 })).toMatchObject({ state: "receiving" });
    await cancelUpload(db, { ...finished, ...end });
    expect(await ask({ place, sizeBytes: 8, offset: 0, chunk: content(8, 10) })).toMatchObject({
      status: 409,
    });
    await expect(openUpload(db, { ...again, source: "browser" })).rejects.toThrow(/cancelled/);
    const actions = await db.auditEvent.findMany({ where: { entityId: finished.uploadId } });
    expect(actions.map(({ action }) => action)).toEqual(["upload.open", "upload.finish", "upload.cancel"]);
  });

  test("finds no place where twenty of the site are open", async () => {
    await database.db.upload.updateMany({ data: { state: "finished" } });
    for (let index = 0; index < uploadLimits.openUploads; index++) await begin();
    await expect(begin()).rejects.toMatchObject({ code: "rate-limited" });
    await expect(begin(siteIds[1])).resolves.toBeDefined();
  });
});
