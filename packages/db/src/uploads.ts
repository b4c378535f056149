import { DomainError } from "@crossread/contracts/errors";
import { uploadLimits, type FileReceipt, type UploadFileState } from "@crossread/contracts/upload";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";
import type { UploadSource } from "./generated/enums.ts";
import { isUniqueViolation } from "./unique-violation.ts";

export interface UploadOpening {
  readonly uploadId: string;
  readonly siteId: string;
  readonly actorId: string;
  readonly source: UploadSource;
  readonly profile: string | null;
  readonly announcedFiles: number;
  readonly announcedBytes: number;
  readonly now: Date;
}

const openUploadWindowMs = 24 * 3_600_000;

/** Begins an upload, or goes on with one: what it announces is taken over, what it has sent stays. */
export async function openUpload(db: Database, opening: UploadOpening): Promise<void> {
  const { actorId, now, siteId, uploadId, ...given } = opening;
  const announced = { ...given, announcedBytes: BigInt(given.announcedBytes), lastActivityAt: now };
  await db.$transaction(async (tx) => {
    const known = await tx.upload.findUnique({
      where: { id: uploadId },
      select: { siteId: true, state: true },
    });
    if (known === null) {
      await assertRoom(tx, siteId, now);
      await tx.upload
        .create({ data: { id: uploadId, siteId, createdBy: actorId, ...announced } })
        .catch((error: unknown) => {
          throw isUniqueViolation(error) ? notFound(uploadId) : error;
        });
      await appendAudit(tx, {
        actorId,
        siteId,
        action: "upload.open",
        entityKind: "upload",
        entityId: uploadId,
        details: { source: given.source, profile: given.profile, files: given.announcedFiles },
      });
      return;
    }
    if (known.siteId !== siteId) throw notFound(uploadId);
    if (known.state === "cancelled") {
      throw new DomainError("conflict", `Upload ${uploadId} was cancelled; begin a new one.`);
    }
    await tx.upload.update({
      where: { id: uploadId },
      data: { ...announced, state: "open", finishedAt: null },
    });
  });
}

/** An upload that nobody has touched for a day takes no place, though it can still be continued. */
async function assertRoom(tx: Transaction, siteId: string, now: Date): Promise<void> {
  const since = new Date(now.getTime() - openUploadWindowMs);
  const openCount = await tx.upload.count({
    where: { siteId, state: "open", lastActivityAt: { gt: since } },
  });
  if (openCount < uploadLimits.openUploads) return;
  throw new DomainError(
    "rate-limited",
    `A site may have ${uploadLimits.openUploads} uploads open at a time; finish or cancel one first.`,
    { details: { retryAfterSeconds: 60 } },
  );
}

export interface UploadFileKey {
  readonly siteId: string;
  readonly uploadId: string;
  readonly sha256: string;
}

export interface ReceivedFileRow extends FileReceipt {
  readonly fileId: string;
  readonly sizeBytes: number;
}

/**
 * The row of a file that is about to be sent; made where there is none.
 * A file that the site has sent before and that was accepted is known: nothing of it is sent again.
 */
export async function announceFile(
  db: Database,
  file: UploadFileKey & { readonly sizeBytes: number; readonly stagedBytesLimit: number; readonly now: Date },
): Promise<ReceivedFileRow> {
  const { sha256, siteId, sizeBytes, uploadId } = file;
  const earlier = await findUploadFile(db, file);
  if (earlier !== undefined) {
    if (earlier.sizeBytes === sizeBytes) {
      if (earlier.state === "receiving") await assertReceiving(db, file);
      return earlier;
    }
    throw new DomainError(
      "conflict",
      `File ${sha256.slice(0, 12)} was announced with ${earlier.sizeBytes} bytes, now with ${sizeBytes}.`,
    );
  }
  await assertReceiving(db, file);
  const isKnown = await isKnownFile(db, { siteId, sha256 });
  if (!isKnown) await assertStagingRoom(db, file);
  await db.uploadFile.createMany({
    data: [{ uploadId, siteId, sha256, sizeBytes, state: isKnown ? "known" : "receiving" }],
    skipDuplicates: true,
  });
  await touchUpload(db, uploadId, file.now);
  const row = await findUploadFile(db, file);
  if (row === undefined) throw notFound(uploadId);
  return row;
}

export async function findUploadFile(
  db: Database,
  file: UploadFileKey,
): Promise<ReceivedFileRow | undefined> {
  const { sha256, siteId, uploadId } = file;
  const row = await db.uploadFile.findFirst({
    where: { uploadId, siteId, sha256 },
    select: { id: true, sizeBytes: true, receivedBytes: true, state: true },
  });
  if (row === null) return undefined;
  const { id, ...found } = row;
  return { fileId: id, ...found };
}

async function assertReceiving(db: Database, upload: { uploadId: string; siteId: string }): Promise<void> {
  const { siteId, uploadId } = upload;
  const row = await db.upload.findFirst({ where: { id: uploadId, siteId }, select: { state: true } });
  if (row === null) throw notFound(uploadId);
  if (row.state !== "open") {
    throw new DomainError("conflict", `Upload ${uploadId} takes no more files: it is ${row.state}.`);
  }
  if ((await db.uploadFile.count({ where: { uploadId } })) >= uploadLimits.filesPerUpload) {
    throw new DomainError("usage", `An upload has at most ${uploadLimits.filesPerUpload} files.`);
  }
}

async function isKnownFile(db: Database, file: { siteId: string; sha256: string }): Promise<boolean> {
  const settled = await db.uploadFile.findFirst({
    where: { ...file, state: { in: ["accepted", "known"] } },
    select: { id: true },
  });
  if (settled !== null) return true;
  return (await db.instance.findFirst({ where: file, select: { id: true } })) !== null;
}

/** Bytes that wait for the ingest: what holds a fast sender back while the worker catches up. */
async function assertStagingRoom(
  db: Database,
  file: { siteId: string; sizeBytes: number; stagedBytesLimit: number },
): Promise<void> {
  const { siteId, sizeBytes, stagedBytesLimit } = file;
  const staged = await db.uploadFile.aggregate({
    where: { siteId, state: { in: ["receiving", "staged"] } },
    _sum: { sizeBytes: true },
  });
  const stagedBytes = staged._sum.sizeBytes ?? 0;
  // A single file always fits into an empty stage, whatever the limit.
  if (stagedBytes === 0 || stagedBytes + sizeBytes <= stagedBytesLimit) return;
  throw new DomainError(
    "upload-quota",
    `Files of this site that wait to be read fill their ${Math.round(stagedBytesLimit / 2 ** 20)} MiB; sending goes on when some are read.`,
    { details: { retryAfterSeconds: 5 } },
  );
}

/** Moves the end of what was received; false where another request did so first. */
export async function advanceFile(
  db: Database,
  move: { readonly fileId: string; readonly from: number; readonly to: number },
): Promise<boolean> {
  const { count } = await db.uploadFile.updateMany({
    where: { id: move.fileId, state: "receiving", receivedBytes: move.from },
    data: { receivedBytes: move.to },
  });
  return count === 1;
}

/** The whole file lies under that key and has the digest that it is named by. */
export async function stageFile(
  db: Database,
  file: { readonly fileId: string; readonly stagedKey: string; readonly sizeBytes: number },
): Promise<void> {
  await db.uploadFile.updateMany({
    where: { id: file.fileId, state: "receiving" },
    data: { state: "staged", stagedKey: file.stagedKey, receivedBytes: file.sizeBytes },
  });
}

export async function touchUpload(db: Database, uploadId: string, now: Date): Promise<void> {
  await db.upload.updateMany({ where: { id: uploadId }, data: { lastActivityAt: now } });
}

export interface UploadEnd {
  readonly uploadId: string;
  readonly siteId: string;
  readonly actorId: string;
  readonly now: Date;
}

/** The sender has sent what it wanted to send: the ingest finishes the upload. */
export async function finishSending(db: Database, end: UploadEnd): Promise<void> {
  const { actorId, now, siteId, uploadId } = end;
  await db.$transaction(async (tx) => {
    const { count } = await tx.upload.updateMany({
      where: { id: uploadId, siteId, state: "open" },
      data: { state: "ingesting", lastActivityAt: now },
    });
    if (count === 0) {
      if ((await tx.upload.count({ where: { id: uploadId, siteId } })) === 0) throw notFound(uploadId);
      return;
    }
    await appendAudit(tx, {
      actorId,
      siteId,
      action: "upload.finish",
      entityKind: "upload",
      entityId: uploadId,
      details: await countFiles(tx, uploadId),
    });
  });
}

/** Nothing more is taken and what came in part is forgotten; whole files that wait are read all the same. */
export async function cancelUpload(db: Database, end: UploadEnd): Promise<void> {
  const { actorId, now, siteId, uploadId } = end;
  await db.$transaction(async (tx) => {
    const { count } = await tx.upload.updateMany({
      where: { id: uploadId, siteId, state: { in: ["open", "ingesting"] } },
      data: { state: "cancelled", lastActivityAt: now, finishedAt: now },
    });
    if (count === 0) throw notFound(uploadId);
    // As if untouched for ever: the worker removes the rows together with the parts that they stand for.
    await tx.uploadFile.updateMany({
      where: { uploadId, state: "receiving" },
      data: { updatedAt: new Date(0) },
    });
    await appendAudit(tx, {
      actorId,
      siteId,
      action: "upload.cancel",
      entityKind: "upload",
      entityId: uploadId,
      details: await countFiles(tx, uploadId),
    });
  });
}

export type FileCounts = Readonly<Record<UploadFileState, number>>;

export async function countFiles(db: Database | Transaction, uploadId: string): Promise<FileCounts> {
  const groups = await db.uploadFile.groupBy({ by: ["state"], where: { uploadId }, _count: true });
  const counts = { receiving: 0, staged: 0, held: 0, accepted: 0, known: 0, refused: 0 };
  for (const { _count, state } of groups) counts[state] = _count;
  return counts;
}

const notFound = (uploadId: string) => new DomainError("not-found", `There is no upload ${uploadId}.`);
