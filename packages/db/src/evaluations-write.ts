import type { Split } from "@crossread/contracts/split";
import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

export interface NewEvaluation {
  readonly checkpointId: string;
  readonly cohortId: string;
  /** null: pooled over the cohort's sites. */
  readonly siteId: string | null;
  readonly split: Split;
  /** Parsed by contracts/evaluation-report. */
  readonly report: object;
}

/** Writes or renews an evaluation; a published one stays as it is. */
export async function storeEvaluation(db: Database, evaluation: NewEvaluation): Promise<void> {
  const { checkpointId, cohortId, siteId, split } = evaluation;
  await db.$executeRaw`
    INSERT INTO evaluations (id, checkpoint_id, cohort_id, site_id, split, report)
    VALUES (${randomUUID()}::uuid, ${checkpointId}::uuid, ${cohortId}::uuid, ${siteId}::uuid, ${split}::split,
      ${JSON.stringify(evaluation.report)}::jsonb)
    ON CONFLICT (checkpoint_id, cohort_id, split, site_id)
    DO UPDATE SET report = EXCLUDED.report
    WHERE evaluations.published_at IS NULL AND evaluations.report IS DISTINCT FROM EXCLUDED.report`;
}

/** Whether the pooled report of this split is there. */
export async function hasEvaluation(
  db: Database,
  target: { checkpointId: string; cohortId: string; split: Split },
): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM evaluations WHERE checkpoint_id = ${target.checkpointId}::uuid
      AND cohort_id = ${target.cohortId}::uuid AND split = ${target.split}::split AND site_id IS NULL`;
  return rows.length > 0;
}
