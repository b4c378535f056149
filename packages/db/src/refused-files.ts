import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import type { Prisma } from "./generated/client.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export const refusalStates = ["open", "resolved", "dismissed"] as const;
export type RefusalState = (typeof refusalStates)[number];

export interface RefusalFilter {
  readonly scope: SiteScope;
  readonly siteId?: string | undefined;
  readonly code?: string | undefined;
  readonly uploadId?: string | undefined;
  readonly state: RefusalState;
}

export interface RefusedFileRow {
  readonly refusedFileId: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly uploadId: string | null;
  readonly receivedAt: Date;
  readonly resolvedAt: Date | null;
  readonly dismissedAt: Date | null;
  readonly dismissedBy: string | null;
  readonly dismissReason: string | null;
  /** Whether the file is kept until a person decides about its pixels, and whether one has. */
  readonly held: "undecided" | "decided" | null;
}

/** Newest first. */
export async function listRefusedFiles(
  db: Database,
  filter: RefusalFilter & { readonly offset: number; readonly pageSize: number },
): Promise<{ rows: RefusedFileRow[]; totalCount: number }> {
  const where = whereRefusal(filter);
  const [totalCount, rows] = await Promise.all([
    db.refusedFile.count({ where }),
    db.refusedFile.findMany({
      where,
      orderBy: [{ receivedAt: "desc" }, { id: "desc" }],
      skip: filter.offset,
      take: filter.pageSize,
      include: {
        site: { select: { name: true } },
        dismisser: { select: { name: true } },
        held: {
          where: { file: { state: { in: ["held", "staged"] } } },
          orderBy: { fileId: "asc" },
          take: 1,
          select: { decidedAt: true },
        },
      },
    }),
  ]);
  return {
    totalCount,
    rows: rows.map(({ dismisser, held: [held], id, site, ...row }) => ({
      refusedFileId: id,
      siteId: row.siteId,
      siteName: site.name,
      sha256: row.sha256,
      sizeBytes: row.sizeBytes,
      code: row.code,
      message: row.message,
      remedy: row.remedy,
      uploadId: row.uploadId,
      receivedAt: row.receivedAt,
      resolvedAt: row.resolvedAt,
      dismissedAt: row.dismissedAt,
      dismissedBy: dismisser?.name ?? null,
      dismissReason: row.dismissReason,
      held: held === undefined ? null : held.decidedAt === null ? "undecided" : "decided",
    })),
  };
}

/** How many files each rule refused, most first; the rule itself is not filtered by. */
export async function countRefusalCodes(
  db: Database,
  filter: RefusalFilter,
): Promise<{ code: string; count: number }[]> {
  const groups = await db.refusedFile.groupBy({
    by: ["code"],
    where: whereRefusal({ ...filter, code: undefined }),
    _count: true,
  });
  return groups
    .map(({ _count, code }) => ({ code, count: _count }))
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

const stateConditions: Readonly<Record<RefusalState, Prisma.RefusedFileWhereInput>> = {
  open: { resolvedAt: null, dismissedAt: null },
  resolved: { resolvedAt: { not: null } },
  dismissed: { resolvedAt: null, dismissedAt: { not: null } },
};

const whereRefusal = (filter: RefusalFilter): Prisma.RefusedFileWhereInput => ({
  AND: [
    { siteId: whereSite(filter.scope) },
    stateConditions[filter.state],
    filter.siteId === undefined ? {} : { siteId: filter.siteId },
    filter.code === undefined ? {} : { code: filter.code },
    filter.uploadId === undefined ? {} : { uploadId: filter.uploadId },
  ],
});

export interface Dismissal {
  readonly scope: SiteScope;
  readonly actorId: string;
  readonly refusedFileIds: readonly string[];
  readonly reason: string;
  readonly now: Date;
}

export interface DismissedFiles {
  readonly dismissedCount: number;
  /** Uploads with files that were kept for a decision: the worker removes those. */
  readonly held: readonly { readonly siteId: string; readonly uploadId: string }[];
}

/** Nobody will mend these: they leave the open list, with the reason in the audit log. */
export async function dismissRefusedFiles(db: Database, dismissal: Dismissal): Promise<DismissedFiles> {
  const { actorId, now, reason, refusedFileIds, scope } = dismissal;
  return db.$transaction(async (tx) => {
    const where = {
      id: { in: [...refusedFileIds] },
      siteId: whereSite(scope),
      resolvedAt: null,
      dismissedAt: null,
    };
    const rows = await tx.refusedFile.findMany({ where, select: { id: true, siteId: true, code: true } });
    if (rows.length === 0) {
      throw new DomainError("not-found", "None of these files is open in the quarantine of your sites.");
    }
    await tx.refusedFile.updateMany({
      where,
      data: { dismissedAt: now, dismissedBy: actorId, dismissReason: reason },
    });
    const ofHeld = { state: "held" as const, held: { refusedFileId: { in: rows.map(({ id }) => id) } } };
    const held = await tx.uploadFile.findMany({
      where: ofHeld,
      distinct: ["uploadId"],
      select: { siteId: true, uploadId: true },
    });
    await tx.uploadFile.updateMany({ where: ofHeld, data: { state: "refused" } });
    for (const { code, id, siteId } of rows) {
      await appendAudit(tx, {
        actorId,
        siteId,
        action: "quarantine.dismiss",
        entityKind: "refused-file",
        entityId: id,
        reason,
        details: { code },
      });
    }
    return { dismissedCount: rows.length, held };
  });
}
