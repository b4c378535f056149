import type { Database } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

export interface CheckpointRow {
  readonly checkpointId: string;
  readonly name: string;
  readonly sha256: string;
  readonly blobKey: string;
  readonly runId: string | null;
  readonly roundNumber: number;
  /** Untrusted: the caller parses it. */
  readonly manifest: unknown;
}

const checkpointSelect = {
  id: true,
  name: true,
  sha256: true,
  blobKey: true,
  runId: true,
  roundNumber: true,
  manifest: true,
} as const;

export async function findCheckpoint(db: Database, checkpointId: string): Promise<CheckpointRow | undefined> {
  const row = await db.checkpoint.findUnique({ where: { id: checkpointId }, select: checkpointSelect });
  return row === null ? undefined : toCheckpointRow(row);
}

export interface NewCheckpoint {
  readonly name: string;
  readonly sha256: string;
  readonly blobKey: string;
  /** Parsed by contracts/checkpoint-manifest. */
  readonly manifest: object;
  readonly parentId: string | null;
  readonly runId: string;
  readonly roundNumber: number;
}

/** One checkpoint per run and round: whoever comes second gets the first one's row. */
export async function storeCheckpoint(db: Database, checkpoint: NewCheckpoint): Promise<CheckpointRow> {
  await db.checkpoint.createMany({
    data: [{ ...checkpoint, manifest: toJsonColumn(checkpoint.manifest) }],
    skipDuplicates: true,
  });
  const row = await db.checkpoint.findUniqueOrThrow({
    where: { runId_roundNumber: { runId: checkpoint.runId, roundNumber: checkpoint.roundNumber } },
    select: checkpointSelect,
  });
  return toCheckpointRow(row);
}

function toCheckpointRow({
  id,
  ...row
}: Omit<CheckpointRow, "checkpointId"> & { id: string }): CheckpointRow {
  return { checkpointId: id, ...row };
}
