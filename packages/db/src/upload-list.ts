import type { UploadFileState } from "@crossread/contracts/upload";
import type { Database } from "./database.ts";
import type { UploadSource, UploadState } from "./generated/enums.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";
import type { FileCounts } from "./uploads.ts";

export interface UploadRow {
  readonly uploadId: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly source: UploadSource;
  readonly state: UploadState;
  readonly profile: string | null;
  readonly createdBy: string | null;
  readonly announcedFiles: number;
  readonly announcedBytes: number;
  readonly receivedBytes: number;
  readonly counts: FileCounts;
  readonly createdAt: Date;
  readonly lastActivityAt: Date;
  readonly finishedAt: Date | null;
}

export async function listUploads(
  db: Database,
  filter: { scope: SiteScope; siteId?: string | undefined; offset: number; pageSize: number },
): Promise<{ rows: UploadRow[]; totalCount: number }> {
  const where = {
    AND: [{ siteId: whereSite(filter.scope) }, filter.siteId === undefined ? {} : { siteId: filter.siteId }],
  };
  const [totalCount, uploads] = await Promise.all([
    db.upload.count({ where }),
    db.upload.findMany({
      where,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      skip: filter.offset,
      take: filter.pageSize,
      include: { site: { select: { name: true } }, creator: { select: { name: true } } },
    }),
  ]);
  const groups = await db.uploadFile.groupBy({
    by: ["uploadId", "state"],
    where: { uploadId: { in: uploads.map(({ id }) => id) } },
    _count: true,
    _sum: { receivedBytes: true },
  });
  const rows = uploads.map(({ announcedBytes, creator, id, site, ...upload }) => {
    const counts = { receiving: 0, staged: 0, held: 0, accepted: 0, known: 0, refused: 0 };
    let receivedBytes = 0;
    for (const group of groups) {
      if (group.uploadId !== id) continue;
      counts[group.state] = group._count;
      receivedBytes += group._sum.receivedBytes ?? 0;
    }
    return {
      uploadId: id,
      siteName: site.name,
      ...upload,
      createdBy: creator?.name ?? null,
      announcedBytes: Number(announcedBytes),
      receivedBytes,
      counts,
    };
  });
  return { totalCount, rows };
}

/** Undefined where there is none that the caller may see. */
export async function findUpload(
  db: Database,
  scope: SiteScope,
  uploadId: string,
): Promise<UploadRow | undefined> {
  const upload = await db.upload.findFirst({
    where: { id: uploadId, siteId: whereSite(scope) },
    include: { site: { select: { name: true } }, creator: { select: { name: true } } },
  });
  if (upload === null) return undefined;
  const groups = await db.uploadFile.groupBy({
    by: ["state"],
    where: { uploadId },
    _count: true,
    _sum: { receivedBytes: true },
  });
  const counts = { receiving: 0, staged: 0, held: 0, accepted: 0, known: 0, refused: 0 };
  let receivedBytes = 0;
  for (const group of groups) {
    counts[group.state] = group._count;
    receivedBytes += group._sum.receivedBytes ?? 0;
  }
  const { announcedBytes, creator, id, site, ...shown } = upload;
  return {
    uploadId: id,
    siteName: site.name,
    ...shown,
    createdBy: creator?.name ?? null,
    announcedBytes: Number(announcedBytes),
    receivedBytes,
    counts,
  };
}

export interface UploadFileRow {
  readonly fileId: string;
  readonly sha256: string | null;
  readonly sizeBytes: number;
  readonly state: UploadFileState;
  readonly code: string | null;
  readonly message: string | null;
}

export async function listUploadFiles(
  db: Database,
  filter: {
    scope: SiteScope;
    uploadId: string;
    state?: UploadFileState | undefined;
    offset: number;
    pageSize: number;
  },
): Promise<{ rows: UploadFileRow[]; totalCount: number }> {
  const where = {
    uploadId: filter.uploadId,
    siteId: whereSite(filter.scope),
    ...(filter.state === undefined ? {} : { state: filter.state }),
  };
  const [totalCount, rows] = await Promise.all([
    db.uploadFile.count({ where }),
    db.uploadFile.findMany({
      where,
      orderBy: { id: "asc" },
      skip: filter.offset,
      take: filter.pageSize,
      select: { id: true, sha256: true, sizeBytes: true, state: true, code: true, message: true },
    }),
  ]);
  return { totalCount, rows: rows.map(({ id, ...row }) => ({ fileId: id, ...row })) };
}
