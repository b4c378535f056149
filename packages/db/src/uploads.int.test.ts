import { randomUUID } from "node:crypto";
import { uploadLimits } from "@crossread/contracts/upload";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { finishIngest } from "./staged-files.ts";
import {
  advanceFile,
  announceFile,
  cancelUpload,
  findUploadFile,
  finishSending,
  openUpload,
  stageFile,
} from "./uploads.ts";

/** What the functions ask for themselves, as the tables' owner: row-level security comes on top of it. */

const now = new Date("2026-11-23T10:00:00Z");
let database: TestDatabase;
let actorId: string;
let siteCount = 0;

beforeAll(async () => {
  database = await testDatabase();
  const user = await database.db.user.create({
    data: { email: "c@example.org", name: "C", passwordHash: "x" },
  });
  actorId = user.id;
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function newSite(): Promise<string> {
  const code = `site-${siteCount}`;
  const data = { code, name: code, colourIndex: siteCount++, acquisition: "digital" } as const;
  return (await database.db.site.create({ data })).id;
}

const open = (siteId: string, uploadId: string = randomUUID(), at = now) =>
  openUpload(database.db, {
    uploadId,
    siteId,
    actorId,
    source: "browser",
    profile: "basic",
    announcedFiles: 1,
    announcedBytes: 1,
    now: at,
  });

const announce = (file: { siteId: string; uploadId: string; sha256: string }, sizeBytes: number) =>
  announceFile(database.db, { ...file, sizeBytes, stagedBytesLimit: 100, now });

describe("an upload", () => {
  test("is its own site's: no other opens, finishes or cancels it", async () => {
    const [own, other] = [await newSite(), await newSite()];
    const uploadId = randomUUID();
    await open(own, uploadId);
    const end = { uploadId, siteId: other, actorId, now };
    for (const call of [
      () => open(other, uploadId),
      () => finishSending(database.db, end),
      () => cancelUpload(database.db, end),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "not-found" });
    }
    const row = await database.db.upload.findUniqueOrThrow({ where: { id: uploadId } });
    expect([row.siteId, row.state]).toEqual([own, "open"]);
  });

  test("that nobody has touched for a day takes no place", async () => {
    const siteId = await newSite();
    for (let index = 0; index < uploadLimits.openUploads; index++) await open(siteId);
    const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
    await expect(open(siteId, randomUUID(), later(23))).rejects.toMatchObject({ code: "rate-limited" });
    await expect(open(siteId, randomUUID(), later(25))).resolves.toBeUndefined();
  });

  test("is finished when nothing of it waits", async () => {
    const siteId = await newSite();
    const uploadId = randomUUID();
    await open(siteId, uploadId);
    const { fileId } = await announce({ siteId, uploadId, sha256: "1".repeat(64) }, 10);
    await stageFile(database.db, { fileId, stagedKey: "uploads/1", sizeBytes: 10 });
    await finishSending(database.db, { uploadId, siteId, actorId, now });
    expect(await finishIngest(database.db, uploadId, now)).toBe(false);
    await database.db.uploadFile.update({ where: { id: fileId }, data: { state: "refused" } });
    expect(await finishIngest(database.db, uploadId, now)).toBe(true);
  });
});

describe("a file", () => {
  test("is moved on by one of two requests that both begin where it stands", async () => {
    const siteId = await newSite();
    const file = { siteId, uploadId: randomUUID(), sha256: "2".repeat(64) };
    await open(siteId, file.uploadId);
    const { fileId } = await announce(file, 10);
    const moves = [
      { from: 0, to: 4 },
      { from: 0, to: 6 },
    ];
    const ends = await Promise.all(moves.map((move) => advanceFile(database.db, { fileId, ...move })));
    expect(ends.filter((hasMoved) => hasMoved)).toHaveLength(1);
    const { receivedBytes } = (await findUploadFile(database.db, file)) ?? {};
    expect(receivedBytes).toBe(moves[ends.indexOf(true)]?.to);
  });

  test("finds room beside the others of its site, and always where there are none", async () => {
    const [siteId, other] = [await newSite(), await newSite()];
    const [uploadId, elsewhere] = [randomUUID(), randomUUID()];
    await open(siteId, uploadId);
    await open(other, elsewhere);
    const large = await announce({ siteId, uploadId, sha256: "3".repeat(64) }, 500);
    expect(large.state).toBe("receiving");
    const next = { siteId, uploadId, sha256: "4".repeat(64) };
    await expect(announce(next, 1)).rejects.toMatchObject({ code: "upload-quota" });
    const free = await announce({ siteId: other, uploadId: elsewhere, sha256: "5".repeat(64) }, 60);
    expect(free.state).toBe("receiving");
    await stageFile(database.db, { fileId: large.fileId, stagedKey: "uploads/3", sizeBytes: 500 });
    await expect(announce(next, 1)).rejects.toMatchObject({ code: "upload-quota" });
    await database.db.uploadFile.update({ where: { id: large.fileId }, data: { state: "accepted" } });
    expect((await announce(next, 100)).state).toBe("receiving");
  });

  test("that another site has had accepted is not known here", async () => {
    const [siteId, other] = [await newSite(), await newSite()];
    const sha256 = "6".repeat(64);
    const [first, second] = [
      { siteId, uploadId: randomUUID(), sha256 },
      { siteId: other, uploadId: randomUUID(), sha256 },
    ];
    await open(siteId, first.uploadId);
    await open(other, second.uploadId);
    const { fileId } = await announce(first, 10);
    await database.db.uploadFile.update({ where: { id: fileId }, data: { state: "accepted" } });
    expect((await announce(second, 10)).state).toBe("receiving");
    const again = { ...first, uploadId: randomUUID() };
    await open(siteId, again.uploadId);
    expect((await announce(again, 10)).state).toBe("known");
  });
});
