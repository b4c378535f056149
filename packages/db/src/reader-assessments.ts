import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { Birads, Condition } from "@crossread/contracts/reading";
import type { Database, Transaction } from "./database.ts";

/** What one locked reading says of one breast. */
export interface ReaderAssessment {
  readonly readingId: string;
  readonly readerId: string;
  readonly readerName: string;
  readonly caseId: string;
  readonly laterality: Laterality;
  readonly condition: Condition;
  readonly birads: Birads;
  readonly suspicion: number;
  /** With the aid where there was one: the one that counts. */
  readonly isFinal: boolean;
}

/** Locked readings of some cases of a study, breast by breast; for a page, not for a whole study. */
export function loadReaderAssessments(
  db: Database | Transaction,
  key: { readonly readerStudyId: string; readonly caseIds: readonly string[] },
): Promise<ReaderAssessment[]> {
  return db.$queryRaw<ReaderAssessment[]>`
    SELECT r.id AS "readingId", a.reader_id AS "readerId", u.name AS "readerName", a.case_id AS "caseId",
      breast.key AS laterality, r.condition::text AS condition, breast.value->>'birads' AS birads,
      (breast.value->>'suspicion')::float8 AS suspicion, f.reading_id IS NOT NULL AS "isFinal"
    FROM reading_assignments a
    JOIN users u ON u.id = a.reader_id
    JOIN readings r ON r.assignment_id = a.id AND r.locked_at IS NOT NULL
    CROSS JOIN LATERAL jsonb_each(r.answers->'breasts') AS breast
    LEFT JOIN final_assessments f ON f.reading_id = r.id AND f.laterality::text = breast.key
    WHERE a.reader_study_id = ${key.readerStudyId}::uuid AND a.case_id = ANY (${[...key.caseIds]}::uuid[])
      AND breast.value->>'birads' IS NOT NULL AND breast.value->>'suspicion' IS NOT NULL
    ORDER BY u.name, a.reader_id, r.locked_at`;
}

/** The final ones of one breast. */
export const finalsOf = (
  assessments: readonly ReaderAssessment[],
  breast: { readonly caseId: string; readonly laterality: Laterality },
): ReaderAssessment[] =>
  assessments.filter(
    ({ caseId, isFinal, laterality }) =>
      isFinal && caseId === breast.caseId && laterality === breast.laterality,
  );
