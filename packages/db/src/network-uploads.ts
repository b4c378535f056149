/** Files that come over DICOM's own protocols: rows are written when the bytes are safe, not before. */
import type { Database } from "./database.ts";

export interface NetworkUpload {
  readonly uploadId: string;
  readonly siteId: string;
  readonly source: "stow" | "dimse";
  readonly now: Date;
}

export interface ArrivedFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Undefined of a file that the site has sent before and that was accepted: its bytes are not kept again. */
  readonly stagedKey: string | undefined;
}

/** Whether the site has sent these bytes before and they were accepted. */
export async function isKnownFile(
  db: Database,
  file: { readonly siteId: string; readonly sha256: string },
): Promise<boolean> {
  const [row] = await db.$queryRaw<{ known: boolean }[]>`
    SELECT EXISTS (
      SELECT 1 FROM upload_files WHERE site_id = ${file.siteId}::uuid AND sha256 = ${file.sha256}
        AND state IN ('accepted', 'known')
    ) OR EXISTS (
      SELECT 1 FROM instances WHERE site_id = ${file.siteId}::uuid AND sha256 = ${file.sha256}
    ) AS known`;
  return row?.known ?? false;
}

/** Files and bytes of a site that wait for the worker. */
export async function sumStagedFiles(
  db: Database,
  siteId: string,
): Promise<{ fileCount: number; sizeBytes: number }> {
  const sum = await db.uploadFile.aggregate({
    where: { siteId, state: { in: ["receiving", "staged"] } },
    _count: true,
    _sum: { sizeBytes: true },
  });
  return { fileCount: sum._count, sizeBytes: sum._sum.sizeBytes ?? 0 };
}

/** All files of a request at once, in a new upload or in one that earlier requests began. */
export async function recordArrivedFiles(
  db: Database,
  upload: NetworkUpload,
  files: readonly ArrivedFile[],
): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.upload.upsert(uploadRow(upload, files));
    await tx.uploadFile.createMany({
      data: files.map((file) => fileRow(upload, file)),
      skipDuplicates: true,
    });
  });
}

/** An upload whose files come one by one, as on a DICOM association. */
export async function openNetworkUpload(db: Database, upload: NetworkUpload): Promise<void> {
  const { now, siteId, source, uploadId } = upload;
  await db.upload.create({ data: { id: uploadId, siteId, source, state: "open", lastActivityAt: now } });
}

export async function recordArrivedFile(
  db: Database,
  upload: Pick<NetworkUpload, "uploadId" | "siteId">,
  file: ArrivedFile,
): Promise<void> {
  await db.uploadFile.createMany({ data: [fileRow(upload, file)], skipDuplicates: true });
}

/** Nothing more comes; true where files wait for the worker. */
export async function closeNetworkUpload(
  db: Database,
  upload: Pick<NetworkUpload, "uploadId" | "now">,
): Promise<boolean> {
  const { now, uploadId } = upload;
  const groups = await db.uploadFile.groupBy({ by: ["state"], where: { uploadId }, _count: true });
  const isWaiting = groups.some(({ state }) => state === "staged");
  await db.upload.updateMany({
    where: { id: uploadId, state: "open" },
    data: {
      announcedFiles: groups.reduce((total, group) => total + group._count, 0),
      lastActivityAt: now,
      ...(isWaiting ? { state: "ingesting" } : { state: "finished", finishedAt: now }),
    },
  });
  return isWaiting;
}

/** An upload is finished where none of its files waits for the worker. */
function uploadRow(upload: NetworkUpload, files: readonly ArrivedFile[]) {
  const { now, siteId, source, uploadId } = upload;
  const isWaiting = files.some(({ stagedKey }) => stagedKey !== undefined);
  const announcedFiles = files.length;
  const announcedBytes = BigInt(files.reduce((total, { sizeBytes }) => total + sizeBytes, 0));
  return {
    where: { id: uploadId },
    create: {
      id: uploadId,
      siteId,
      source,
      announcedFiles,
      announcedBytes,
      lastActivityAt: now,
      state: isWaiting ? ("ingesting" as const) : ("finished" as const),
      finishedAt: isWaiting ? null : now,
    },
    update: {
      announcedFiles: { increment: announcedFiles },
      announcedBytes: { increment: announcedBytes },
      lastActivityAt: now,
      ...(isWaiting ? { state: "ingesting" as const, finishedAt: null } : {}),
    },
  };
}

function fileRow(upload: Pick<NetworkUpload, "uploadId" | "siteId">, file: ArrivedFile) {
  const { sha256, sizeBytes, stagedKey } = file;
  return {
    uploadId: upload.uploadId,
    siteId: upload.siteId,
    sha256,
    sizeBytes,
    receivedBytes: sizeBytes,
    state: stagedKey === undefined ? ("known" as const) : ("staged" as const),
    stagedKey: stagedKey ?? null,
  };
}
