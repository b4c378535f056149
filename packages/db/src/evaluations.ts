import { evaluationReportSchema, type EvaluationReport } from "@crossread/contracts/evaluation-report";
import type { Split } from "@crossread/contracts/split";
import type { Database } from "./database.ts";
import type { Prisma } from "./generated/client.ts";
import { fromSplitRow, toSplitRow } from "./split-row.ts";

export interface EvaluationRow {
  readonly evaluationId: string;
  readonly checkpointId: string;
  readonly checkpointName: string;
  readonly runId: string | null;
  readonly runName: string | null;
  readonly roundNumber: number;
  readonly cohortId: string;
  readonly cohortName: string;
  /** null: pooled over the cohort's sites. */
  readonly siteId: string | null;
  readonly split: Split;
  readonly report: EvaluationReport;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
}

export interface EvaluationFilter {
  readonly evaluationIds?: readonly string[];
  readonly checkpointIds?: readonly string[];
  readonly cohortId?: string;
  readonly splits?: readonly Split[];
  readonly runId?: string;
  /** null: the pooled rows only. */
  readonly siteId?: string | null;
  readonly limit: number;
}

/** Newest first. */
export async function listEvaluations(db: Database, filter: EvaluationFilter): Promise<EvaluationRow[]> {
  const where: Prisma.EvaluationWhereInput = {
    ...(filter.evaluationIds === undefined ? {} : { id: { in: [...filter.evaluationIds] } }),
    ...(filter.checkpointIds === undefined ? {} : { checkpointId: { in: [...filter.checkpointIds] } }),
    ...(filter.cohortId === undefined ? {} : { cohortId: filter.cohortId }),
    ...(filter.splits === undefined ? {} : { split: { in: filter.splits.map(toSplitRow) } }),
    ...(filter.runId === undefined ? {} : { checkpoint: { runId: filter.runId } }),
    ...(filter.siteId === undefined ? {} : { siteId: filter.siteId }),
  };
  const rows = await db.evaluation.findMany({
    where,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: filter.limit,
    include: {
      checkpoint: { select: { name: true, runId: true, roundNumber: true, run: { select: { name: true } } } },
      cohort: { select: { name: true } },
    },
  });
  return rows.map((row) => ({
    evaluationId: row.id,
    checkpointId: row.checkpointId,
    checkpointName: row.checkpoint.name,
    runId: row.checkpoint.runId,
    runName: row.checkpoint.run?.name ?? null,
    roundNumber: row.checkpoint.roundNumber,
    cohortId: row.cohortId,
    cohortName: row.cohort.name,
    siteId: row.siteId,
    split: fromSplitRow(row.split),
    report: evaluationReportSchema.parse(row.report),
    createdAt: row.createdAt,
    publishedAt: row.publishedAt,
  }));
}

/** Of the pooled evaluations on one split of a cohort those with the largest DIP, and how many there are in all. */
export async function findBestByDip(
  db: Database,
  board: { readonly cohortId: string; readonly split: Split; readonly limit: number },
): Promise<{ evaluationIds: string[]; totalCount: number }> {
  const split = toSplitRow(board.split);
  const [best, totalCount] = await Promise.all([
    db.$queryRaw<{ id: string }[]>`
      SELECT id FROM evaluations
      WHERE cohort_id = ${board.cohortId}::uuid AND split = ${board.split}::split AND site_id IS NULL
      ORDER BY (report #>> '{metrics,dip,value}')::float8 DESC NULLS LAST, created_at DESC, id DESC
      LIMIT ${board.limit}`,
    db.evaluation.count({ where: { cohortId: board.cohortId, split, siteId: null } }),
  ]);
  return { evaluationIds: best.map(({ id }) => id), totalCount };
}

/** The checkpoint, cohort and test split that were evaluated last: what the overview speaks about. */
export async function findHeadline(
  db: Database,
): Promise<{ checkpointId: string; cohortId: string; split: Split } | undefined> {
  const row = await db.evaluation.findFirst({
    where: { siteId: null, split: { in: ["internal_test", "external_test"] } },
    orderBy: [{ checkpoint: { createdAt: "desc" } }, { createdAt: "desc" }],
    select: { checkpointId: true, cohortId: true, split: true },
  });
  return row === null ? undefined : { ...row, split: fromSplitRow(row.split) };
}

/** Cohorts and test splits with at least one pooled evaluation: the boards that can be shown. */
export async function listEvaluatedCohorts(
  db: Database,
): Promise<{ cohortId: string; name: string; split: Split }[]> {
  const rows = await db.evaluation.findMany({
    where: { siteId: null, split: { in: ["internal_test", "external_test"] } },
    distinct: ["cohortId", "split"],
    orderBy: { createdAt: "desc" },
    select: { cohortId: true, split: true, cohort: { select: { name: true } } },
  });
  return rows.map((row) => ({
    cohortId: row.cohortId,
    name: row.cohort.name,
    split: fromSplitRow(row.split),
  }));
}
