import type { LabelMapping, LabelTable } from "@crossread/contracts/label-import";
import { labelMappingSchema } from "@crossread/contracts/label-import";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import { recordChangesAfterFreeze } from "./frozen-cohorts.ts";
import type { ImageViewer } from "./image-access.ts";
import { toJsonColumn } from "./json-column.ts";
import { planLabelImport, type LabelImportPlan, type RowOutcome } from "./label-import-plan.ts";
import { writeLabelChanges } from "./label-writes.ts";
import { assertInScope, whereSite } from "./site-scope.ts";

export const labelTransaction = { timeout: 120_000, maxWait: 10_000 } as const;

export interface LabelImportRequest {
  readonly viewer: ImageViewer;
  readonly table: LabelTable;
  readonly mapping: LabelMapping;
  readonly reason: string;
  /** Of the plan that the caller saw. */
  readonly planDigest: string;
  readonly acknowledgesFrozen: boolean;
  readonly now: Date;
}

/** Writes a whole table of labels in one transaction, exactly as it was previewed. */
export async function applyLabelImport(
  db: Database,
  request: LabelImportRequest,
): Promise<{ importId: string; plan: LabelImportPlan }> {
  const { viewer, table, reason } = request;
  const { siteId } = table;
  assertInScope(viewer.scope, siteId);
  return db.$transaction(async (tx) => {
    const seen = await planLabelImport(tx, viewer, table);
    await tx.$queryRaw`SELECT 1 FROM cases WHERE id = ANY (${seen.changes.map(({ state }) => state.caseId)}::uuid[])
      ORDER BY id FOR NO KEY UPDATE`;
    // Again under the lock: a change that came in between changes the digest.
    const plan = await planLabelImport(tx, viewer, table);
    if (plan.digest !== request.planDigest) {
      throw new DomainError(
        "conflict",
        "Labels or studies of this site changed since the preview. Nothing was stored; look at the preview again.",
      );
    }
    if (plan.changes.length === 0) {
      throw new DomainError(
        "csv-invalid",
        "No row of the table changes a label, so there is nothing to import.",
      );
    }
    if (plan.frozenCohorts.length > 0 && !request.acknowledgesFrozen) {
      throw new DomainError(
        "conflict",
        `Frozen cohort "${plan.frozenCohorts[0]?.name ?? ""}" holds some of these cases: confirm that their labels change under it.`,
      );
    }
    const { id: importId } = await tx.labelImport.create({
      data: {
        siteId,
        createdBy: viewer.userId,
        createdAt: request.now,
        reason,
        fileSha256: table.fileSha256,
        rowCount: plan.outcomes.length,
        newCount: plan.counts.new,
        changedCount: plan.counts.changed,
        sameCount: plan.counts.same,
        refusedCount: plan.counts.refused,
      },
      select: { id: true },
    });
    await tx.labelImportRow.createMany({
      data: plan.outcomes.map(({ rowNumber, caseId, outcome, message }) => ({
        importId,
        rowNumber,
        caseId,
        outcome,
        message,
      })),
    });
    await writeLabelChanges(tx, plan.changes, { actorId: viewer.userId, at: request.now, reason, importId });
    const mapping = toJsonColumn(request.mapping);
    await tx.labelMapping.upsert({
      where: { siteId },
      create: { siteId, mapping, updatedAt: request.now },
      update: { mapping, updatedAt: request.now },
    });
    await recordChangesAfterFreeze(tx, {
      actorId: viewer.userId,
      siteId,
      reason,
      cohorts: plan.frozenCohorts,
      causeKind: "label-import",
      causeId: importId,
    });
    await appendAudit(tx, {
      actorId: viewer.userId,
      siteId,
      action: "labels.import",
      entityKind: "label-import",
      entityId: importId,
      reason,
      details: {
        fileSha256: table.fileSha256,
        planDigest: plan.digest,
        caseCount: plan.changes.length,
        rows: { ...plan.counts },
        frozenCohorts: plan.frozenCohorts.map(({ digest }) => digest),
      },
    });
    return { importId, plan };
  }, labelTransaction);
}

export interface LabelImportSummary {
  readonly importId: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly creatorName: string | null;
  readonly createdAt: Date;
  readonly reason: string;
  readonly fileSha256: string;
  readonly counts: LabelImportPlan["counts"];
  readonly undone: { readonly at: Date; readonly byName: string | null; readonly reason: string } | null;
}

/** Newest first. */
export async function listLabelImports(
  db: Database,
  options: { viewer: ImageViewer; siteId?: string },
): Promise<LabelImportSummary[]> {
  const rows = await db.labelImport.findMany({
    where: {
      AND: [
        { siteId: whereSite(options.viewer.scope) },
        options.siteId === undefined ? {} : { siteId: options.siteId },
      ],
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 100,
    include: {
      site: { select: { name: true } },
      creator: { select: { name: true } },
      undoer: { select: { name: true } },
    },
  });
  return rows.map((row) => ({
    importId: row.id,
    siteId: row.siteId,
    siteName: row.site.name,
    creatorName: row.creator?.name ?? null,
    createdAt: row.createdAt,
    reason: row.reason,
    fileSha256: row.fileSha256,
    counts: {
      new: row.newCount,
      changed: row.changedCount,
      same: row.sameCount,
      refused: row.refusedCount,
    },
    undone:
      row.undoneAt === null
        ? null
        : { at: row.undoneAt, byName: row.undoer?.name ?? null, reason: row.undoReason ?? "" },
  }));
}

/** What became of every row; without those of cases that the caller still has to read blind. */
export async function loadLabelImportReport(
  db: Database,
  viewer: ImageViewer,
  importId: string,
): Promise<RowOutcome[]> {
  const known = await db.labelImport.count({ where: { id: importId, siteId: whereSite(viewer.scope) } });
  if (known === 0) throw new DomainError("not-found", `There is no label import ${importId}.`);
  const rows = await db.labelImportRow.findMany({
    where: { importId, OR: [{ caseId: null }, { case: whereNotPendingFor(viewer.userId) }] },
    orderBy: { rowNumber: "asc" },
    include: { case: { select: { label: true } } },
  });
  return rows.map((row) => ({
    rowNumber: row.rowNumber,
    outcome: row.outcome,
    caseId: row.caseId,
    caseLabel: row.case?.label ?? null,
    message: row.message,
  }));
}

export async function findLabelMapping(
  db: Database,
  viewer: ImageViewer,
  siteId: string,
): Promise<LabelMapping | undefined> {
  assertInScope(viewer.scope, siteId);
  const row = await db.labelMapping.findUnique({ where: { siteId }, select: { mapping: true } });
  if (row === null) return undefined;
  const parsed = labelMappingSchema.safeParse(row.mapping);
  return parsed.success ? parsed.data : undefined;
}
