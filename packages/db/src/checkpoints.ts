import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";

export interface CheckpointSummary {
  readonly checkpointId: string;
  readonly name: string;
  readonly sha256: string;
  readonly runId: string | null;
  readonly runName: string | null;
  readonly roundNumber: number;
  readonly createdAt: Date;
  /** No newer checkpoint of the same run exists. */
  readonly isLatestOfRun: boolean;
}

const summarySelect = {
  id: true,
  name: true,
  sha256: true,
  runId: true,
  roundNumber: true,
  createdAt: true,
  run: { select: { name: true } },
} as const;

export async function listCheckpoints(
  db: Database,
  page: { offset: number; pageSize: number },
): Promise<{ rows: CheckpointSummary[]; totalCount: number }> {
  const [totalCount, rows, latest] = await Promise.all([
    db.checkpoint.count(),
    db.checkpoint.findMany({
      orderBy: [{ createdAt: "desc" }, { roundNumber: "desc" }],
      skip: page.offset,
      take: page.pageSize,
      select: summarySelect,
    }),
    db.checkpoint.groupBy({ by: ["runId"], _max: { roundNumber: true } }),
  ]);
  const latestRound = new Map(latest.map((row) => [row.runId, row._max.roundNumber]));
  return {
    totalCount,
    rows: rows.map(({ id, run, ...row }) => ({
      checkpointId: id,
      ...row,
      runName: run?.name ?? null,
      isLatestOfRun: row.runId === null || latestRound.get(row.runId) === row.roundNumber,
    })),
  };
}

export interface LineageStep {
  readonly checkpointId: string;
  readonly name: string;
  readonly sha256: string;
  readonly roundNumber: number;
  readonly createdAt: Date;
}

export interface CheckpointDetail extends Omit<CheckpointSummary, "isLatestOfRun"> {
  readonly blobKey: string;
  /** Untrusted: the caller parses it by the model's manifest schema. */
  readonly manifest: unknown;
  /** From the first ancestor to the parent. */
  readonly ancestors: readonly LineageStep[];
  readonly children: readonly LineageStep[];
}

export async function loadCheckpoint(db: Database, checkpointId: string): Promise<CheckpointDetail> {
  const row = await db.checkpoint.findUnique({
    where: { id: checkpointId },
    select: {
      ...summarySelect,
      blobKey: true,
      manifest: true,
      children: {
        orderBy: { createdAt: "asc" },
        take: 50,
        select: { id: true, name: true, sha256: true, roundNumber: true, createdAt: true },
      },
    },
  });
  if (row === null) throw new DomainError("not-found", `There is no checkpoint ${checkpointId}.`);
  const ancestors = await db.$queryRaw<LineageStep[]>`
    WITH RECURSIVE lineage AS (
      SELECT id, parent_id, 0 AS depth FROM checkpoints WHERE id = ${checkpointId}::uuid
      UNION ALL
      SELECT c.id, c.parent_id, l.depth + 1 FROM checkpoints c JOIN lineage l ON c.id = l.parent_id
      WHERE l.depth < 500
    )
    SELECT c.id AS "checkpointId", c.name, c.sha256, c.round_number AS "roundNumber", c.created_at AS "createdAt"
    FROM lineage l JOIN checkpoints c ON c.id = l.id WHERE l.depth > 0 ORDER BY l.depth DESC`;
  const { id, run, children, ...rest } = row;
  return {
    checkpointId: id,
    ...rest,
    runName: run?.name ?? null,
    ancestors,
    children: children.map(({ id: childId, ...child }) => ({ checkpointId: childId, ...child })),
  };
}
