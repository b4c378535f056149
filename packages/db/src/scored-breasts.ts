import type { Split } from "@crossread/contracts/split";
import type { Database } from "./database.ts";

/** One breast of a cohort: its reference and the highest score of its views. */
export interface ScoredBreast {
  readonly siteId: string;
  readonly subjectId: string;
  readonly isMalignant: boolean;
  readonly score: number;
}

/**
 * Without those whose reference standard is a consensus of readers who saw a model's aid: evaluations leave them out too.
 * In a fixed order, so that the same seed resamples the same breasts for every checkpoint.
 */
export async function listScoredBreasts(
  db: Database,
  query: { checkpointId: string; cohortId: string; split: Split },
): Promise<ScoredBreast[]> {
  return db.$queryRaw<ScoredBreast[]>`
    SELECT c.site_id AS "siteId", c.subject_id AS "subjectId", r.finding = 'malignant' AS "isMalignant",
      max(p.score) AS score
    FROM cohort_cases cc
    JOIN cases c ON c.id = cc.case_id
    JOIN instances i ON i.case_id = c.id
    JOIN reference_standards r ON r.case_id = c.id AND r.laterality = i.laterality AND r.superseded_at IS NULL
    JOIN predictions p ON p.instance_id = i.id AND p.checkpoint_id = ${query.checkpointId}::uuid
    WHERE cc.cohort_id = ${query.cohortId}::uuid AND cc.split = ${query.split}::split
      AND NOT EXISTS (
        SELECT 1 FROM consensus_readings m JOIN readings d ON d.id = m.reading_id
        WHERE m.reference_standard_id = r.id AND d.condition = 'aided')
    GROUP BY c.id, c.site_id, c.subject_id, i.laterality, r.finding
    ORDER BY c.id, i.laterality`;
}
