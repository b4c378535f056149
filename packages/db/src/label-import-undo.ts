import { labelBiradsSchema, type BreastLabel, type CaseLabels } from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { densitySchema } from "@crossread/contracts/reading";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database, Transaction } from "./database.ts";
import { listFrozenCohortsWith, recordChangesAfterFreeze, type FrozenCohort } from "./frozen-cohorts.ts";
import type { ImageViewer } from "./image-access.ts";
import { labelTransaction } from "./label-imports.ts";
import { loadLabelStates } from "./label-state.ts";
import { writeLabelChanges, type LabelChange } from "./label-writes.ts";
import { fromAssessmentSourceRow, fromReferenceSourceRow } from "./reference-source-row.ts";
import { whereSite } from "./site-scope.ts";

/** A label of the import that is no longer in force, or that the caller must not touch. */
export interface KeptLabel {
  /** Not named where it is in the caller's own reading list. */
  readonly caseLabel: string;
  readonly what: "right breast" | "left breast" | "density";
  readonly why: string;
}

export interface UndoPlan {
  readonly importId: string;
  readonly siteId: string;
  readonly changes: readonly LabelChange[];
  readonly kept: readonly KeptLabel[];
  readonly frozenCohorts: readonly FrozenCohort[];
  /** Words of a data set about the density, which have no row in force of their own. */
  readonly importedDensities: readonly { readonly caseId: string; readonly density: string }[];
}

const importedRow = {
  include: {
    replaces: true,
    superseder: { select: { name: true } },
    case: { select: { label: true } },
  },
} as const;

/** What undoing would restore and what it would leave, without writing anything. */
export async function planUndo(
  db: Database | Transaction,
  viewer: ImageViewer,
  importId: string,
): Promise<UndoPlan> {
  const row = await db.labelImport.findFirst({
    where: { id: importId, siteId: whereSite(viewer.scope) },
    select: { siteId: true, undoneAt: true },
  });
  if (row === null) throw new DomainError("not-found", `There is no label import ${importId}.`);
  if (row.undoneAt !== null) throw new DomainError("conflict", "This import has been undone already.");
  const references = await db.referenceStandard.findMany({ where: { importId }, ...importedRow });
  const assessments = await db.assessment.findMany({ where: { importId }, ...importedRow });
  const caseIds = [...new Set([...references, ...assessments].map(({ caseId }) => caseId))];
  const pending = new Set(
    (
      await db.case.findMany({
        where: { id: { in: caseIds }, NOT: whereNotPendingFor(viewer.userId) },
        select: { id: true },
      })
    ).map(({ id }) => id),
  );
  const states = await loadLabelStates(db, caseIds);
  const next = new Map<string, CaseLabels>();
  const kept = new Map<string, KeptLabel>();
  const importedDensities: { caseId: string; density: string }[] = [];
  const mayRestore = (label: ImportedLabel, what: KeptLabel["what"]): boolean => {
    const why = pending.has(label.caseId)
      ? "you still have to read this case blind"
      : label.supersededAt === null
        ? undefined
        : `changed since by ${label.superseder?.name ?? "someone"} on ${label.supersededAt.toISOString().slice(0, 10)}`;
    if (why === undefined) return true;
    kept.set(`${label.caseId} ${what}`, {
      caseLabel: pending.has(label.caseId) ? "a case of yours" : label.case.label,
      what,
      why,
    });
    return false;
  };
  const edit = (caseId: string, change: (labels: CaseLabels) => CaseLabels) => {
    const labels = next.get(caseId) ?? states.get(caseId)?.labels;
    if (labels !== undefined) next.set(caseId, change(labels));
  };
  for (const reference of references) {
    const { laterality, replaces } = reference;
    if (!mayRestore(reference, breastName(laterality))) continue;
    edit(reference.caseId, (labels) =>
      withBreast(labels, laterality, {
        finding: replaces?.finding ?? null,
        source: replaces === null ? null : fromReferenceSourceRow(replaces.source),
        followUpMonths: replaces?.followUpMonths ?? null,
        isIntervalCancer: replaces?.isIntervalCancer ?? false,
      }),
    );
  }
  for (const assessment of assessments) {
    const { laterality, replaces } = assessment;
    if (!mayRestore(assessment, laterality === null ? "density" : breastName(laterality))) continue;
    edit(assessment.caseId, (labels) => {
      if (laterality !== null) {
        return withBreast(labels, laterality, {
          birads: replaces === null ? null : labelBiradsSchema.parse(replaces.value),
        });
      }
      const density = densitySchema.safeParse(replaces?.value);
      if (replaces !== null && !density.success) {
        importedDensities.push({ caseId: assessment.caseId, density: replaces.value });
      }
      return {
        ...labels,
        density:
          replaces !== null && density.success
            ? { value: density.data, source: fromAssessmentSourceRow(replaces.source) }
            : null,
      };
    });
  }
  return {
    importId,
    siteId: row.siteId,
    changes: [...next].flatMap(([caseId, labels]) => {
      const state = states.get(caseId);
      return state === undefined ? [] : [{ state, next: labels }];
    }),
    kept: [...kept.values()],
    frozenCohorts: await listFrozenCohortsWith(db, [...next.keys()]),
    importedDensities,
  };
}

interface ImportedLabel {
  readonly caseId: string;
  readonly supersededAt: Date | null;
  readonly superseder: { readonly name: string } | null;
  readonly case: { readonly label: string };
}

const breastName = (laterality: Laterality) => (laterality === "R" ? "right breast" : "left breast");

const withBreast = (
  labels: CaseLabels,
  laterality: Laterality,
  change: Partial<BreastLabel>,
): CaseLabels => ({
  ...labels,
  breasts: { ...labels.breasts, [laterality]: { ...labels.breasts[laterality], ...change } },
});

/** Restores what was in force before the import, but for labels that were changed since. */
export async function undoLabelImport(
  db: Database,
  undo: {
    viewer: ImageViewer;
    importId: string;
    reason: string;
    acknowledgesFrozen: boolean;
    now: Date;
  },
): Promise<{ restoredCaseCount: number; kept: readonly KeptLabel[] }> {
  const { viewer, importId, reason } = undo;
  return db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM cases WHERE id IN (SELECT case_id FROM label_import_rows
      WHERE import_id = ${importId}::uuid) ORDER BY id FOR NO KEY UPDATE`;
    const plan = await planUndo(tx, viewer, importId);
    if (plan.frozenCohorts.length > 0 && !undo.acknowledgesFrozen) {
      throw new DomainError(
        "conflict",
        `Frozen cohort "${plan.frozenCohorts[0]?.name ?? ""}" holds some of these cases: confirm that their labels change under it.`,
      );
    }
    await writeLabelChanges(tx, plan.changes, {
      actorId: viewer.userId,
      at: undo.now,
      reason: `Import undone: ${reason}`,
      importId: null,
    });
    for (const { caseId, density } of plan.importedDensities) {
      await tx.case.update({ where: { id: caseId }, data: { density } });
    }
    const claimed = await tx.labelImport.updateMany({
      where: { id: importId, undoneAt: null },
      data: { undoneAt: undo.now, undoneBy: viewer.userId, undoReason: reason },
    });
    if (claimed.count === 0) throw new DomainError("conflict", "This import has been undone already.");
    await recordChangesAfterFreeze(tx, {
      actorId: viewer.userId,
      siteId: plan.siteId,
      reason,
      cohorts: plan.frozenCohorts,
      causeKind: "label-import",
      causeId: importId,
    });
    await appendAudit(tx, {
      actorId: viewer.userId,
      siteId: plan.siteId,
      action: "labels.import-undone",
      entityKind: "label-import",
      entityId: importId,
      reason,
      details: { restoredCaseCount: plan.changes.length, keptLabelCount: plan.kept.length },
    });
    return { restoredCaseCount: plan.changes.length, kept: plan.kept };
  }, labelTransaction);
}
