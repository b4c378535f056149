import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";

/** A frozen cohort that holds some of the cases in question. */
export interface FrozenCohort {
  readonly cohortId: string;
  readonly name: string;
  /** Names the membership, not the labels: it stays what it is when a label changes. */
  readonly digest: string;
  readonly caseCount: number;
  readonly evaluationCount: number;
}

export async function listFrozenCohortsWith(
  db: Database | Transaction,
  caseIds: readonly string[],
): Promise<FrozenCohort[]> {
  return db.$queryRaw<FrozenCohort[]>`
    SELECT c.id AS "cohortId", c.name, c.digest, count(*)::int AS "caseCount",
      (SELECT count(*) FROM evaluations e WHERE e.cohort_id = c.id)::int AS "evaluationCount"
    FROM cohort_cases m JOIN cohorts c ON c.id = m.cohort_id
    WHERE c.frozen_at IS NOT NULL AND m.case_id = ANY (${[...caseIds]}::uuid[])
    GROUP BY c.id ORDER BY c.name`;
}

/**
 * A frozen cohort keeps its digest, which names who is in it. That the reference standard under it has moved is
 * recorded with the cohort: results from before and after carry the same digest and were computed on other labels.
 */
export async function recordChangesAfterFreeze(
  tx: Transaction,
  change: {
    actorId: string;
    siteId: string;
    reason: string;
    cohorts: readonly FrozenCohort[];
    causeKind: "case" | "label-import";
    causeId: string;
  },
): Promise<void> {
  for (const cohort of change.cohorts) {
    await appendAudit(tx, {
      actorId: change.actorId,
      siteId: change.siteId,
      action: "cohort.labels-changed-after-freeze",
      entityKind: "cohort",
      entityId: cohort.cohortId,
      reason: change.reason,
      details: {
        digest: cohort.digest,
        caseCount: cohort.caseCount,
        evaluationCount: cohort.evaluationCount,
        [change.causeKind]: change.causeId,
      },
    });
  }
}
