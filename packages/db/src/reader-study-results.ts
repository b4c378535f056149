import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Birads, Condition } from "@crossread/contracts/reading";
import type { Database } from "./database.ts";
import { isInScope, type SiteScope } from "./site-scope.ts";

/** A breast with a reference standard; the unit that a reader study compares. */
export interface ReadBreast {
  readonly caseId: string;
  readonly subjectId: string;
  readonly laterality: Laterality;
  readonly isMalignant: boolean;
}

/** What a reader said of one breast in a locked reading. */
export interface BreastReading {
  readonly readerId: string;
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly condition: Condition;
  readonly suspicion: number | null;
  readonly birads: Birads | null;
}

export interface ClosedReaderStudy {
  readonly readerStudyId: string;
  readonly name: string;
  readonly cohortName: string;
  readonly checkpointName: string;
  readonly readers: readonly {
    readonly readerId: string;
    readonly name: string;
    readonly caseCount: number;
    readonly submittedCount: number;
  }[];
  readonly breasts: readonly ReadBreast[];
  readonly readings: readonly BreastReading[];
}

/**
 * Everything that was read in a study, once it is closed: before, the answers of one reader could reach another.
 *
 * @throws {DomainError} "not-found" where there is none with a case in scope; "conflict" while it is not closed
 */
export async function loadClosedReaderStudy(
  db: Database,
  readerStudyId: string,
  scope: SiteScope,
): Promise<ClosedReaderStudy> {
  const study = await db.readerStudy.findUnique({
    where: { id: readerStudyId },
    select: {
      name: true,
      state: true,
      cohort: { select: { name: true } },
      checkpoint: { select: { name: true } },
    },
  });
  const cases = await db.case.findMany({
    where: { assignments: { some: { readerStudyId } } },
    orderBy: { id: "asc" },
    select: {
      id: true,
      siteId: true,
      subjectId: true,
      referenceStandards: {
        where: { supersededAt: null },
        orderBy: { laterality: "desc" },
        select: { laterality: true, finding: true },
      },
    },
  });
  if (study === null || !(scope === "all" || cases.some(({ siteId }) => isInScope(scope, siteId)))) {
    throw new DomainError(
      "not-found",
      `There is no reader study ${readerStudyId} with a case of your sites.`,
    );
  }
  if (study.state !== "closed") {
    throw new DomainError(
      "conflict",
      `Results are shown once a reader study is closed, but "${study.name}" is ${study.state}.`,
    );
  }
  const [readers, readings] = await Promise.all([
    loadReaders(db, readerStudyId),
    loadBreastReadings(db, readerStudyId),
  ]);
  return {
    readerStudyId,
    name: study.name,
    cohortName: study.cohort.name,
    checkpointName: study.checkpoint.name,
    readers,
    breasts: cases.flatMap(({ id, subjectId, referenceStandards }) =>
      referenceStandards.map(({ laterality, finding }) => ({
        caseId: id,
        subjectId,
        laterality,
        isMalignant: finding === "malignant",
      })),
    ),
    readings,
  };
}

async function loadReaders(db: Database, readerStudyId: string): Promise<ClosedReaderStudy["readers"]> {
  const rows = await db.$queryRaw<
    { reader_id: string; name: string; case_count: number; submitted_count: number }[]
  >`
    SELECT a.reader_id, u.name, count(*)::int AS case_count, count(aided.locked_at)::int AS submitted_count
    FROM reading_assignments a
    JOIN users u ON u.id = a.reader_id
    LEFT JOIN readings aided ON aided.assignment_id = a.id AND aided.condition = 'aided'
    WHERE a.reader_study_id = ${readerStudyId}::uuid
    GROUP BY a.reader_id, u.name
    ORDER BY u.name, a.reader_id`;
  return rows.map((row) => ({
    readerId: row.reader_id,
    name: row.name,
    caseCount: row.case_count,
    submittedCount: row.submitted_count,
  }));
}

/** Read in SQL: a large study has tens of thousands of answers, of which four fields count here. */
async function loadBreastReadings(db: Database, readerStudyId: string): Promise<BreastReading[]> {
  const rows = await db.$queryRaw<
    {
      reader_id: string;
      case_id: string;
      laterality: Laterality;
      condition: Condition;
      suspicion: number | null;
      birads: Birads | null;
    }[]
  >`
    SELECT a.reader_id, a.case_id, breast.key AS laterality, r.condition::text AS condition,
      (breast.value->>'suspicion')::float8 AS suspicion, breast.value->>'birads' AS birads
    FROM reading_assignments a
    JOIN readings r ON r.assignment_id = a.id AND r.locked_at IS NOT NULL
    CROSS JOIN LATERAL jsonb_each(r.answers->'breasts') AS breast
    WHERE a.reader_study_id = ${readerStudyId}::uuid`;
  return rows.map((row) => ({
    readerId: row.reader_id,
    caseId: row.case_id,
    laterality: row.laterality,
    condition: row.condition,
    suspicion: row.suspicion,
    birads: row.birads,
  }));
}
