import { DomainError, type ErrorCode } from "@crossread/contracts/errors";
import { trainingPlanSchema, type TrainingPlan } from "@crossread/contracts/training-plan";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";
import type { RunState } from "./generated/enums.ts";

export interface RunSite {
  readonly siteId: string;
  readonly code: string;
}

export interface RunRow {
  readonly runId: string;
  readonly name: string;
  readonly cohortId: string;
  readonly plan: TrainingPlan;
  readonly state: RunState;
  readonly initialCheckpointId: string | null;
  /** By code: the order in which everything that depends on an order goes. */
  readonly sites: readonly RunSite[];
}

const runSelect = {
  id: true,
  name: true,
  cohortId: true,
  plan: true,
  state: true,
  initialCheckpointId: true,
  sites: { select: { site: { select: { id: true, code: true } } }, orderBy: { site: { code: "asc" } } },
} as const;

export async function findRun(db: Database, runId: string): Promise<RunRow | undefined> {
  const run = await db.trainingRun.findUnique({ where: { id: runId }, select: runSelect });
  return run === null ? undefined : toRunRow(run);
}

export async function listRuns(db: Database, states: readonly RunState[]): Promise<RunRow[]> {
  const runs = await db.trainingRun.findMany({
    where: { state: { in: [...states] } },
    orderBy: { createdAt: "asc" },
    select: runSelect,
  });
  return runs.map(toRunRow);
}

function toRunRow(run: {
  id: string;
  name: string;
  cohortId: string;
  plan: unknown;
  state: RunState;
  initialCheckpointId: string | null;
  sites: { site: { id: string; code: string } }[];
}): RunRow {
  const plan = trainingPlanSchema.safeParse(run.plan);
  if (!plan.success) {
    throw new DomainError("plan-invalid", `The plan of training run ${run.id} cannot be read.`, {
      cause: plan.error,
    });
  }
  return {
    runId: run.id,
    name: run.name,
    cohortId: run.cohortId,
    plan: plan.data,
    state: run.state,
    initialCheckpointId: run.initialCheckpointId,
    sites: run.sites.map(({ site }) => ({ siteId: site.id, code: site.code })),
  };
}

/** queued → preparing; true also where an earlier attempt has got there. */
export async function claimPreparation(db: Database, runId: string, at: Date): Promise<boolean> {
  const claimed = await db.trainingRun.updateMany({
    where: { id: runId, state: "queued" },
    data: { state: "preparing", startedAt: at },
  });
  if (claimed.count === 1) return true;
  return (await db.trainingRun.count({ where: { id: runId, state: "preparing" } })) === 1;
}

/** preparing → running with its first round open. */
export async function startRun(
  db: Database,
  start: { runId: string; initialCheckpointId: string; deadlineAt: Date; at: Date },
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const claimed = await tx.trainingRun.updateMany({
      where: { id: start.runId, state: "preparing" },
      data: { state: "running", initialCheckpointId: start.initialCheckpointId },
    });
    if (claimed.count === 0) return false;
    await openRound(tx, {
      runId: start.runId,
      number: 1,
      baseCheckpointId: start.initialCheckpointId,
      deadlineAt: start.deadlineAt,
      at: start.at,
    });
    await auditRun(tx, { runId: start.runId, action: "training.start", details: {} });
    return true;
  });
}

export interface RoundOpening {
  readonly runId: string;
  readonly number: number;
  readonly baseCheckpointId: string;
  readonly deadlineAt: Date;
  readonly at: Date;
}

/** A round in training, with one pending update for every site of the run. */
export async function openRound(tx: Transaction, opening: RoundOpening): Promise<void> {
  const sites = await tx.trainingRunSite.findMany({
    where: { runId: opening.runId },
    select: { siteId: true },
  });
  await tx.trainingRound.create({
    data: {
      runId: opening.runId,
      number: opening.number,
      state: "training",
      baseCheckpointId: opening.baseCheckpointId,
      deadlineAt: opening.deadlineAt,
      startedAt: opening.at,
      updates: { create: sites.map(({ siteId }) => ({ siteId })) },
    },
  });
}

export interface RunFailure {
  readonly runId: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly at: Date;
}

/** Ends a run that cannot go on, and the round that was open. */
export async function failRun(db: Database, failure: RunFailure): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const claimed = await tx.trainingRun.updateMany({
      where: { id: failure.runId, state: { in: ["queued", "preparing", "running"] } },
      data: {
        state: "failed",
        failureCode: failure.code,
        failureMessage: failure.message,
        finishedAt: failure.at,
      },
    });
    if (claimed.count === 0) return false;
    await closeOpenRounds(tx, { runId: failure.runId, state: "failed", at: failure.at });
    await auditRun(tx, { runId: failure.runId, action: "training.fail", details: { code: failure.code } });
    return true;
  });
}

/** cancelling → cancelled, with its open round and every update that had not arrived. */
export async function finishCancellation(db: Database, runId: string, at: Date): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const claimed = await tx.trainingRun.updateMany({
      where: { id: runId, state: "cancelling" },
      data: { state: "cancelled", finishedAt: at },
    });
    if (claimed.count === 0) return false;
    await closeOpenRounds(tx, { runId, state: "cancelled", at });
    await auditRun(tx, { runId, action: "training.cancelled", details: {} });
    return true;
  });
}

async function closeOpenRounds(
  tx: Transaction,
  close: { runId: string; state: "failed" | "cancelled"; at: Date },
): Promise<void> {
  const open = {
    runId: close.runId,
    state: { in: ["pending", "training", "aggregating", "evaluating"] },
  } as const;
  const rounds = await tx.trainingRound.findMany({
    where: { ...open, state: { in: [...open.state.in] } },
    select: { id: true },
  });
  const roundIds = rounds.map(({ id }) => id);
  await tx.trainingRound.updateMany({
    where: { id: { in: roundIds } },
    data: { state: close.state, finishedAt: close.at },
  });
  await tx.siteUpdate.updateMany({
    where: { roundId: { in: roundIds }, state: { in: ["pending", "training", "received"] } },
    data: { state: "cancelled", finishedAt: close.at, fence: { increment: 1 } },
  });
}

export async function auditRun(
  tx: Transaction,
  event: { runId: string; action: string; details: { readonly [key: string]: string | number | null } },
): Promise<void> {
  await appendAudit(tx, {
    actorId: null,
    siteId: null,
    action: event.action,
    entityKind: "training-run",
    entityId: event.runId,
    details: event.details,
  });
}
