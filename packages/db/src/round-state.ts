import type { Database } from "./database.ts";
import type { RoundState, UpdateState } from "./generated/enums.ts";
import { auditRun, openRound, type RoundOpening } from "./run-state.ts";

export interface UpdateRow {
  readonly updateId: string;
  readonly siteId: string;
  readonly siteCode: string;
  readonly state: UpdateState;
  readonly exampleCount: number | null;
  readonly blobKey: string | null;
  readonly sha256: string | null;
}

export interface RoundRow {
  readonly roundId: string;
  readonly runId: string;
  readonly number: number;
  readonly state: RoundState;
  readonly baseCheckpointId: string | null;
  readonly resultCheckpointId: string | null;
  readonly deadlineAt: Date | null;
  /** By site code. */
  readonly updates: readonly UpdateRow[];
}

const roundSelect = {
  id: true,
  runId: true,
  number: true,
  state: true,
  baseCheckpointId: true,
  resultCheckpointId: true,
  deadlineAt: true,
  updates: {
    orderBy: { site: { code: "asc" } },
    select: {
      id: true,
      siteId: true,
      state: true,
      exampleCount: true,
      blobKey: true,
      sha256: true,
      site: { select: { code: true } },
    },
  },
} as const;

export async function findRound(db: Database, roundId: string): Promise<RoundRow | undefined> {
  const round = await db.trainingRound.findUnique({ where: { id: roundId }, select: roundSelect });
  return round === null ? undefined : toRoundRow(round);
}

/** The round in which a run stands, if any. */
export async function findLatestRound(db: Database, runId: string): Promise<RoundRow | undefined> {
  const round = await db.trainingRound.findFirst({
    where: { runId },
    orderBy: { number: "desc" },
    select: roundSelect,
  });
  return round === null ? undefined : toRoundRow(round);
}

function toRoundRow(round: {
  id: string;
  runId: string;
  number: number;
  state: RoundState;
  baseCheckpointId: string | null;
  resultCheckpointId: string | null;
  deadlineAt: Date | null;
  updates: (Omit<UpdateRow, "updateId" | "siteCode"> & { id: string; site: { code: string } })[];
}): RoundRow {
  const { id, updates, ...row } = round;
  return {
    roundId: id,
    ...row,
    updates: updates.map(({ id: updateId, site, ...update }) => ({
      updateId,
      siteCode: site.code,
      ...update,
    })),
  };
}

/** Moves the deadline of a round that is still in training and overdue. */
export async function extendDeadlines(
  db: Database,
  extension: { runId: string; overdueAt: Date; deadlineAt: Date },
): Promise<void> {
  await db.trainingRound.updateMany({
    where: { runId: extension.runId, state: "training", deadlineAt: { lt: extension.overdueAt } },
    data: { deadlineAt: extension.deadlineAt },
  });
}

/** Closes the round to further updates: what has not arrived by now has missed it. */
export async function claimAggregation(
  db: Database,
  claim: { roundId: string; at: Date },
): Promise<RoundRow | undefined> {
  await db.$transaction(async (tx) => {
    const claimed = await tx.trainingRound.updateMany({
      where: { id: claim.roundId, state: "training", run: { state: "running" } },
      data: { state: "aggregating" },
    });
    if (claimed.count === 0) return;
    await tx.siteUpdate.updateMany({
      where: { roundId: claim.roundId, state: { in: ["pending", "training"] } },
      data: { state: "missed", finishedAt: claim.at, fence: { increment: 1 } },
    });
  });
  const round = await findRound(db, claim.roundId);
  return round?.state === "aggregating" ? round : undefined;
}

export type UpdateVerdict =
  | {
      readonly updateId: string;
      readonly isAccepted: true;
      readonly deltaNorm: number;
      readonly cosineToMean: number | null;
    }
  | {
      readonly updateId: string;
      readonly isAccepted: false;
      readonly code: string;
      readonly message: string;
    };

/** The verdicts on what arrived; the same verdicts again change nothing. */
export async function recordVerdicts(
  db: Database,
  verdicts: readonly UpdateVerdict[],
  at: Date,
): Promise<void> {
  await db.$transaction(async (tx) => {
    for (const verdict of verdicts) {
      await tx.siteUpdate.updateMany({
        where: { id: verdict.updateId, state: "received" },
        data: verdict.isAccepted
          ? {
              state: "accepted",
              deltaNorm: verdict.deltaNorm,
              cosineToMean: verdict.cosineToMean,
              finishedAt: at,
            }
          : {
              state: "refused",
              refusalCode: verdict.code,
              refusalMessage: verdict.message,
              finishedAt: at,
            },
      });
    }
  });
}

/** aggregating → evaluating: of two workers that aggregated the same round, one gets true. */
export async function finishAggregation(
  db: Database,
  result: { roundId: string; runId: string; checkpointId: string; sha256: string; acceptedCount: number },
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const claimed = await tx.trainingRound.updateMany({
      where: { id: result.roundId, state: "aggregating", run: { state: "running" } },
      data: { state: "evaluating", resultCheckpointId: result.checkpointId },
    });
    if (claimed.count === 0) return false;
    await auditRun(tx, {
      runId: result.runId,
      action: "training.aggregate",
      details: {
        roundId: result.roundId,
        checkpointId: result.checkpointId,
        sha256: result.sha256,
        acceptedCount: result.acceptedCount,
      },
    });
    return true;
  });
}

export interface RoundCompletion {
  readonly roundId: string;
  readonly runId: string;
  readonly at: Date;
  /** Opened in the same transaction; absent after the last round, which completes the run. */
  readonly next?: Omit<RoundOpening, "runId" | "at">;
}

/** evaluating → completed, and the next round opened or the run completed: once, whoever comes twice. */
export async function completeRound(db: Database, completion: RoundCompletion): Promise<boolean> {
  const { at, next, roundId, runId } = completion;
  return db.$transaction(async (tx) => {
    const claimed = await tx.trainingRound.updateMany({
      where: { id: roundId, state: "evaluating", run: { state: "running" } },
      data: { state: "completed", finishedAt: at },
    });
    if (claimed.count === 0) return false;
    if (next !== undefined) {
      await openRound(tx, { runId, at, ...next });
      return true;
    }
    await tx.trainingRun.updateMany({
      where: { id: runId, state: "running" },
      data: { state: "completed", finishedAt: at },
    });
    await auditRun(tx, { runId, action: "training.complete", details: {} });
    return true;
  });
}
