import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { isDataFault } from "./data-fault.ts";
import type { IngestRecord } from "./ingest.ts";
import { countRefusalCodes, dismissRefusedFiles, listRefusedFiles } from "./refused-files.ts";
import { settleFiles, type FileFinding } from "./settle-files.ts";
import { adoptStagedKeys, finishIngest, forgetUnfinishedFiles, listStagedFiles } from "./staged-files.ts";
import { countFiles } from "./uploads.ts";

const now = new Date("2026-11-23T10:00:00Z");
let database: TestDatabase;
let siteId: string;
let otherSiteId: string;
let userId: string;

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const site = (code: string, colourIndex: number) =>
    db.site.create({ data: { code, name: code, colourIndex, acquisition: "digital" } });
  siteId = (await site("north", 0)).id;
  otherSiteId = (await site("east", 1)).id;
  userId = (await db.user.create({ data: { email: "c@example.org", name: "C", passwordHash: "x" } })).id;
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

let digestCount = 0;
const newDigest = () => (digestCount += 1).toString(16).padStart(64, "0");

const image = (name: string, changed: Partial<IngestRecord> = {}): FileFinding => {
  const sha256 = changed.sha256 ?? newDigest();
  return {
    ok: true,
    file: {
      pseudonym: `XR-${name.slice(0, 1)}`,
      studyInstanceUid: `2.25.1${name.charCodeAt(0)}`,
      seriesInstanceUid: `2.25.2${name.charCodeAt(0)}`,
      sopInstanceUid: `2.25.3${name.charCodeAt(0)}${name.slice(1)}`,
      laterality: "L",
      view: "CC",
      rows: 10,
      columns: 10,
      bitsStored: 12,
      photometricInterpretation: "MONOCHROME2",
      blobKey: `instances/${sha256}.dcm`,
      sizeBytes: 10,
      thumbnailKey: `thumbnails/${sha256}.png`,
      ...changed,
      sha256,
    },
  };
};

const refusal = (sha256: string, sopInstanceUid?: string): FileFinding => ({
  ok: false,
  sha256,
  sizeBytes: 5,
  code: "image-truncated",
  message: "It ends early.",
  remedy: "Export it again.",
  ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
});

/** An upload whose files came without being announced, with what was found in each. */
async function staged(findings: readonly FileFinding[]) {
  const uploadId = randomUUID();
  const keys = findings.map((_finding, index) => `uploads/${siteId}/${uploadId}/${index}`);
  await adoptStagedKeys(database.db, { siteId, uploadId, keys });
  const rows = await listStagedFiles(database.db, { uploadId, limit: 100 });
  const found = findings.map((finding, index) => {
    const row = rows.find(({ stagedKey }) => stagedKey === keys[index]);
    return { fileId: row?.fileId ?? "", finding };
  });
  return { siteId, uploadId, found, now, heldBytesLimit: 1_000 };
}

const statesOf = async (uploadId: string) => {
  const { accepted, known, refused, staged: waiting } = await countFiles(database.db, uploadId);
  return { accepted, known, refused, waiting };
};

describe("files that are settled", () => {
  test("become rows of one patient, study and case, or a refusal, all at once", async () => {
    const upload = await staged([image("a1"), image("a2"), image("b1"), refusal(newDigest())]);
    await settleFiles(database.db, upload);
    expect(await statesOf(upload.uploadId)).toEqual({ accepted: 3, known: 0, refused: 1, waiting: 0 });
    const cases = await database.db.case.findMany({
      include: { instances: true },
      orderBy: { label: "asc" },
    });
    expect(cases.map(({ instances, label }) => [label, instances.length])).toEqual([
      ["XR-a", 2],
      ["XR-b", 1],
    ]);
    expect(await finishIngest(database.db, upload.uploadId, now)).toBe(true);
  });

  test("a second time, by a worker that lost the race, change nothing", async () => {
    const upload = await staged([image("c1"), refusal(newDigest())]);
    await Promise.all([settleFiles(database.db, upload), settleFiles(database.db, upload)]);
    expect(await statesOf(upload.uploadId)).toEqual({ accepted: 1, known: 0, refused: 1, waiting: 0 });
  });

  test("in two uploads at a time that share their patients do not lock each other out", async () => {
    const names = ["d1", "e1", "f1", "d2", "e2", "f2"];
    const uploads = await Promise.all(
      [names, names.toReversed()].map((order) =>
        staged(
          order.map((name) =>
            image(name, { sha256: name.codePointAt(0)?.toString(16).padEnd(63, "0") + name.slice(1) }),
          ),
        ),
      ),
    );
    await Promise.all(uploads.map((upload) => settleFiles(database.db, upload)));
    const states = await Promise.all(uploads.map(({ uploadId }) => statesOf(uploadId)));
    expect(states.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(6);
    expect(states.reduce((sum, { known }) => sum + known, 0)).toBe(6);
  });

  test("refuse a study of another patient, and another image under a UID that is taken", async () => {
    const upload = await staged([
      image("g1"),
      image("g2", { pseudonym: "XR-other" }),
      image("g1", { blobKey: "instances/other.dcm" }),
      image("h1", { seriesInstanceUid: "2.25.2103" }),
    ]);
    await settleFiles(database.db, upload);
    const { rows } = await listRefusedFiles(database.db, {
      scope: [siteId],
      state: "open",
      uploadId: upload.uploadId,
      offset: 0,
      pageSize: 10,
    });
    expect(rows.map(({ message }) => message.replace(/[\d.]{4,}\d/, "UID")).toSorted()).toEqual([
      "Instance UID is known already, with other content.",
      "Series UID is known already, but in another study.",
      "Study UID is known already, but for another patient or site.",
    ]);
  });

  test("that were refused are resolved by the same bytes, or by the mended file of the same instance", async () => {
    const [sameBytes, mended, other] = [newDigest(), newDigest(), newDigest()];
    const record = image("i1");
    const uid = record.ok ? record.file.sopInstanceUid : "";
    await settleFiles(database.db, await staged([refusal(sameBytes), refusal(mended, uid), refusal(other)]));
    const elsewhere = await database.db.refusedFile.create({
      data: {
        siteId: otherSiteId,
        sha256: sameBytes,
        sizeBytes: 5,
        code: "image-truncated",
        message: "It ends early.",
        remedy: "Export it again.",
        receivedAt: now,
      },
    });
    await settleFiles(database.db, await staged([record, image("i2", { sha256: sameBytes })]));
    const open = await database.db.refusedFile.findMany({
      where: { siteId, sha256: { in: [sameBytes, mended, other] } },
    });
    // What another site was refused is its own matter.
    const theirs = await database.db.refusedFile.findUniqueOrThrow({ where: { id: elsewhere.id } });
    expect(theirs.resolvedAt).toBeNull();
    expect(open.filter(({ resolvedAt }) => resolvedAt === null).map(({ sha256 }) => sha256)).toEqual([other]);
  });

  test("that are refused in their turn resolve no older refusal of the same instance", async () => {
    const older = newDigest();
    const taken = image("n1");
    const uid = taken.ok ? taken.file.sopInstanceUid : "";
    await settleFiles(database.db, await staged([taken]));
    await settleFiles(database.db, await staged([refusal(older, uid)]));
    await settleFiles(database.db, await staged([image("n1"), image("n2")]));
    const row = await database.db.refusedFile.findUniqueOrThrow({
      where: { siteId_sha256: { siteId, sha256: older } },
    });
    expect(row.resolvedAt).toBeNull();
  });

  test("leave no row where anything of the transaction fails", async () => {
    const upload = await staged([image("j1"), image("j2", { bitsStored: 99 })]);
    const failure: unknown = await settleFiles(database.db, upload).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/instances_geometry_check/);
    expect(isDataFault(failure)).toBe(true);
    const elsewhere: unknown = await database.db.$queryRaw`select no_such_column from instances`.catch(
      (error: unknown) => error,
    );
    expect(isDataFault(elsewhere)).toBe(false);
    expect(await statesOf(upload.uploadId)).toEqual({ accepted: 0, known: 0, refused: 0, waiting: 2 });
    expect(await database.db.subject.count({ where: { pseudonym: "XR-j" } })).toBe(0);
  });
});

describe("the quarantine", () => {
  test("counts by rule, keeps other sites out, and dismisses with a reason that the audit log keeps", async () => {
    const { db } = database;
    const digest = newDigest();
    const upload = await staged([refusal(digest)]);
    await settleFiles(db, upload);
    const filter = { scope: [siteId], state: "open", uploadId: upload.uploadId } as const;
    expect(await countRefusalCodes(db, filter)).toEqual([{ code: "image-truncated", count: 1 }]);
    const { rows } = await listRefusedFiles(db, { ...filter, offset: 0, pageSize: 10 });
    const dismissal = {
      actorId: userId,
      refusedFileIds: rows.map(({ refusedFileId }) => refusedFileId),
      reason: "A test pattern",
      now,
    };
    await expect(dismissRefusedFiles(db, { ...dismissal, scope: [otherSiteId] })).rejects.toThrow(
      /None of these/,
    );
    expect(await dismissRefusedFiles(db, { ...dismissal, scope: [siteId] })).toEqual({
      dismissedCount: 1,
      held: [],
    });
    expect((await listRefusedFiles(db, { ...filter, offset: 0, pageSize: 10 })).totalCount).toBe(0);
    const event = await db.auditEvent.findFirstOrThrow({ where: { action: "quarantine.dismiss" } });
    expect(event).toMatchObject({ reason: "A test pattern", details: { code: "image-truncated" } });
    // The same bytes once more are a new refusal.
    await settleFiles(db, await staged([refusal(digest)]));
    expect(
      (await listRefusedFiles(db, { scope: [siteId], state: "dismissed", offset: 0, pageSize: 10 }))
        .totalCount,
    ).toBe(0);
  });
});

describe("half-sent files", () => {
  test("are forgotten when nothing more came, and only then", async () => {
    const { db } = database;
    const uploadId = randomUUID();
    await db.upload.create({ data: { id: uploadId, siteId, source: "browser" } });
    const week = 7 * 24 * 3_600_000;
    const file = (updatedAt: Date) => ({ uploadId, siteId, sha256: newDigest(), sizeBytes: 9, updatedAt });
    await db.uploadFile.createMany({ data: [file(new Date(now.getTime() - week - 1)), file(now)] });
    const forgotten = await forgetUnfinishedFiles(db, {
      untouchedSince: new Date(now.getTime() - week),
      limit: 10,
    });
    expect(forgotten).toHaveLength(1);
    expect(await db.uploadFile.count({ where: { uploadId } })).toBe(1);
  });
});
