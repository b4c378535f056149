import type { AssessmentSource, ReferenceSource } from "@crossread/contracts/breast-label";
import type { Finding, Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import type { Database } from "./database.ts";
import { toReferenceMark } from "./reference-marks.ts";
import { fromAssessmentSourceRow, fromReferenceSourceRow } from "./reference-source-row.ts";

export interface ConsensusOrigin {
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly readingCount: number;
  /** Null where the readings were unanimous. */
  readonly arbitratedAt: Date | null;
}

/** One label that is or was in force: what, by whom, when, why, and what ended it. */
export interface LabelHistoryRow {
  readonly id: string;
  readonly statement:
    | {
        readonly kind: "reference";
        readonly laterality: Laterality;
        readonly finding: Finding;
        readonly source: ReferenceSource;
        readonly followUpMonths: number | null;
        readonly isIntervalCancer: boolean;
        /** Where readers of a study made it. */
        readonly consensus: ConsensusOrigin | null;
      }
    | { readonly kind: "birads"; readonly laterality: Laterality; readonly value: string }
    | { readonly kind: "density"; readonly value: string; readonly source: AssessmentSource }
    | {
        readonly kind: "mark";
        readonly laterality: Laterality;
        readonly view: View;
        readonly mark: ReferenceMark;
      };
  readonly creatorName: string | null;
  readonly importId: string | null;
  readonly createdAt: Date;
  readonly reason: string | null;
  readonly superseded: {
    readonly at: Date;
    readonly byName: string | null;
    readonly reason: string | null;
  } | null;
}

const withPeople = {
  include: { creator: { select: { name: true } }, superseder: { select: { name: true } } },
} as const;

/** Newest first. */
export async function loadLabelHistory(db: Database, caseId: string): Promise<LabelHistoryRow[]> {
  const [references, assessments, marks] = await Promise.all([
    db.referenceStandard.findMany({
      where: { caseId },
      include: {
        ...withPeople.include,
        readerStudy: { select: { id: true, name: true } },
        arbitration: { select: { decidedAt: true } },
        _count: { select: { consensus: true } },
      },
    }),
    db.assessment.findMany({ where: { caseId }, ...withPeople }),
    db.annotation.findMany({
      where: { source: "reference", instance: { caseId } },
      include: {
        author: { select: { name: true } },
        superseder: { select: { name: true } },
        instance: { select: { laterality: true, view: true } },
      },
    }),
  ]);
  return [
    ...references.map((row): LabelHistoryRow => ({
      ...historyOf(row),
      statement: {
        kind: "reference",
        laterality: row.laterality,
        finding: row.finding,
        source: fromReferenceSourceRow(row.source),
        followUpMonths: row.followUpMonths,
        isIntervalCancer: row.isIntervalCancer,
        consensus:
          row.readerStudy === null
            ? null
            : {
                readerStudyId: row.readerStudy.id,
                readerStudyName: row.readerStudy.name,
                readingCount: row._count.consensus,
                arbitratedAt: row.arbitration?.decidedAt ?? null,
              },
      },
    })),
    ...assessments.map((row): LabelHistoryRow => ({
      ...historyOf(row),
      statement:
        row.laterality === null
          ? { kind: "density", value: row.value, source: fromAssessmentSourceRow(row.source) }
          : { kind: "birads", laterality: row.laterality, value: row.value },
    })),
    ...marks.map((row): LabelHistoryRow => ({
      ...historyOf({ ...row, creator: row.author, importId: null }),
      statement: { kind: "mark", ...row.instance, mark: toReferenceMark(row) },
    })),
  ].toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
}

interface StoredHistory {
  readonly id: string;
  readonly creator: { readonly name: string } | null;
  readonly importId: string | null;
  readonly createdAt: Date;
  readonly reason: string | null;
  readonly supersededAt: Date | null;
  readonly superseder: { readonly name: string } | null;
  readonly supersededReason: string | null;
}

const historyOf = (row: StoredHistory): Omit<LabelHistoryRow, "statement"> => ({
  id: row.id,
  creatorName: row.creator?.name ?? null,
  importId: row.importId,
  createdAt: row.createdAt,
  reason: row.reason,
  superseded:
    row.supersededAt === null
      ? null
      : { at: row.supersededAt, byName: row.superseder?.name ?? null, reason: row.supersededReason },
});
