import type { Split } from "@crossread/contracts/split";
import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";

export interface EvaluationTarget {
  readonly checkpointId: string;
  readonly cohortId: string;
  readonly split: Split;
}

export interface NewEvaluation {
  /** null: pooled over the cohort's sites. */
  readonly siteId: string | null;
  /** Parsed by contracts/evaluation-report. */
  readonly report: object;
}

/**
 * All evaluations of a checkpoint on a split as they are now: written or renewed, and those gone that nothing is left to
 * judge by. Published ones stay as they are.
 */
export async function storeEvaluations(
  db: Database,
  target: EvaluationTarget,
  evaluations: readonly NewEvaluation[],
): Promise<void> {
  const { checkpointId, cohortId, split } = target;
  const kept = evaluations.map(({ siteId }) => siteId ?? "pooled");
  await db.$transaction(async (tx) => {
    for (const { report, siteId } of evaluations) {
      await tx.$executeRaw`
        INSERT INTO evaluations (id, checkpoint_id, cohort_id, site_id, split, report)
        VALUES (${randomUUID()}::uuid, ${checkpointId}::uuid, ${cohortId}::uuid, ${siteId}::uuid, ${split}::split,
          ${JSON.stringify(report)}::jsonb)
        ON CONFLICT (checkpoint_id, cohort_id, split, site_id)
        DO UPDATE SET report = EXCLUDED.report
        WHERE evaluations.published_at IS NULL AND evaluations.report IS DISTINCT FROM EXCLUDED.report`;
    }
    await tx.$executeRaw`
      DELETE FROM evaluations WHERE checkpoint_id = ${checkpointId}::uuid AND cohort_id = ${cohortId}::uuid
        AND split = ${split}::split AND published_at IS NULL
        AND coalesce(site_id::text, 'pooled') <> ALL (${kept}::text[])`;
  });
}
