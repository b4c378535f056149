import { DomainError } from "@crossread/contracts/errors";
import { siteProgressSchema, type SiteProgress } from "@crossread/contracts/training-progress";
import { trainingPlanSchema, type TrainingPlan } from "@crossread/contracts/training-plan";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import type { RoundState, RunState, UpdateState } from "./generated/enums.ts";
import { toJsonColumn } from "./json-column.ts";
import { toSplitRow } from "./split-row.ts";

export interface RunSummary {
  readonly runId: string;
  readonly name: string;
  readonly cohortName: string;
  readonly state: RunState;
  readonly plan: TrainingPlan;
  readonly siteCount: number;
  readonly completedRoundCount: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly creatorName: string | null;
}

export async function listTrainingRuns(
  db: Database,
  page: { offset: number; pageSize: number },
): Promise<{ rows: RunSummary[]; totalCount: number }> {
  const [totalCount, runs] = await Promise.all([
    db.trainingRun.count(),
    db.trainingRun.findMany({
      orderBy: { createdAt: "desc" },
      skip: page.offset,
      take: page.pageSize,
      select: {
        id: true,
        name: true,
        state: true,
        plan: true,
        createdAt: true,
        startedAt: true,
        finishedAt: true,
        cohort: { select: { name: true } },
        creator: { select: { name: true } },
        _count: { select: { sites: true, rounds: { where: { state: "completed" } } } },
      },
    }),
  ]);
  return {
    totalCount,
    rows: runs.map(({ id, cohort, creator, plan, _count: counts, ...run }) => ({
      runId: id,
      ...run,
      plan: trainingPlanSchema.parse(plan),
      cohortName: cohort.name,
      creatorName: creator?.name ?? null,
      siteCount: counts.sites,
      completedRoundCount: counts.rounds,
    })),
  };
}

export interface RunUpdate {
  readonly siteId: string;
  readonly state: UpdateState;
  readonly exampleCount: number | null;
  readonly deltaNorm: number | null;
  readonly cosineToMean: number | null;
  readonly refusalCode: string | null;
  readonly refusalMessage: string | null;
  readonly progress: SiteProgress | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface RunRound {
  readonly number: number;
  readonly state: RoundState;
  readonly resultCheckpointId: string | null;
  readonly deadlineAt: Date | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly updates: readonly RunUpdate[];
}

export interface RunDetail extends Omit<RunSummary, "siteCount" | "completedRoundCount"> {
  readonly cohortId: string;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  readonly initialCheckpointId: string | null;
  readonly sites: readonly { siteId: string; name: string; colourIndex: number }[];
  readonly rounds: readonly RunRound[];
}

export async function loadTrainingRun(db: Database, runId: string): Promise<RunDetail> {
  const run = await db.trainingRun.findUnique({
    where: { id: runId },
    include: {
      cohort: { select: { name: true } },
      creator: { select: { name: true } },
      sites: {
        orderBy: { site: { colourIndex: "asc" } },
        select: { site: { select: { id: true, name: true, colourIndex: true } } },
      },
      rounds: {
        orderBy: { number: "asc" },
        include: { updates: { orderBy: { site: { colourIndex: "asc" } } } },
      },
    },
  });
  if (run === null) throw new DomainError("not-found", `There is no training run ${runId}.`);
  return {
    runId: run.id,
    name: run.name,
    cohortId: run.cohortId,
    cohortName: run.cohort.name,
    state: run.state,
    plan: trainingPlanSchema.parse(run.plan),
    failureCode: run.failureCode,
    failureMessage: run.failureMessage,
    initialCheckpointId: run.initialCheckpointId,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    creatorName: run.creator?.name ?? null,
    sites: run.sites.map(({ site: { id, ...site } }) => ({ siteId: id, ...site })),
    rounds: run.rounds.map((round) => ({
      number: round.number,
      state: round.state,
      resultCheckpointId: round.resultCheckpointId,
      deadlineAt: round.deadlineAt,
      startedAt: round.startedAt,
      finishedAt: round.finishedAt,
      updates: round.updates.map((update) => ({
        siteId: update.siteId,
        state: update.state,
        exampleCount: update.exampleCount,
        deltaNorm: update.deltaNorm,
        cosineToMean: update.cosineToMean,
        refusalCode: update.refusalCode,
        refusalMessage: update.refusalMessage,
        progress: update.progress === null ? null : siteProgressSchema.parse(update.progress),
        startedAt: update.startedAt,
        finishedAt: update.finishedAt,
      })),
    })),
  };
}

export interface NewRun {
  readonly actorId: string;
  readonly name: string;
  readonly cohortId: string;
  readonly siteIds: readonly string[];
  readonly plan: TrainingPlan;
  readonly initialCheckpointId: string | null;
}

/** In state queued; whoever calls this enqueues prepare-run once it is written. */
export async function createTrainingRun(db: Database, run: NewRun): Promise<{ runId: string }> {
  const plan = trainingPlanSchema.parse(run.plan);
  if (plan.quorum > run.siteIds.length) {
    throw new DomainError(
      "plan-invalid",
      `A quorum of ${plan.quorum} can never be reached by ${run.siteIds.length} sites.`,
    );
  }
  if (plan.strategy !== "fedprox" && plan.proximalMu !== 0) {
    throw new DomainError(
      "plan-invalid",
      `The proximal term belongs to fedprox, got strategy ${plan.strategy}.`,
    );
  }
  return db.$transaction(async (tx) => {
    const cohort = await tx.cohort.findUnique({
      where: { id: run.cohortId },
      select: { frozenAt: true, name: true },
    });
    if (cohort === null) throw new DomainError("not-found", `There is no cohort ${run.cohortId}.`);
    if (cohort.frozenAt === null) {
      throw new DomainError(
        "cohort-invalid",
        `Training needs a frozen cohort; "${cohort.name}" is not frozen.`,
      );
    }
    const trainable = await tx.cohortSubject.findMany({
      where: { cohortId: run.cohortId, split: "train", siteId: { in: [...run.siteIds] } },
      distinct: ["siteId"],
      select: { siteId: true },
    });
    const missing = run.siteIds.filter((siteId) => !trainable.some((row) => row.siteId === siteId));
    if (missing.length > 0) {
      throw new DomainError(
        "plan-invalid",
        `Site ${missing.join(", ")} has no training cases in this cohort.`,
      );
    }
    const { id: runId } = await tx.trainingRun.create({
      data: {
        name: run.name,
        cohortId: run.cohortId,
        plan: toJsonColumn(plan),
        createdBy: run.actorId,
        initialCheckpointId: run.initialCheckpointId,
        sites: { create: run.siteIds.map((siteId) => ({ siteId })) },
      },
      select: { id: true },
    });
    await appendAudit(tx, {
      actorId: run.actorId,
      siteId: null,
      action: "training.launch",
      entityKind: "training-run",
      entityId: runId,
      details: { cohortId: run.cohortId, siteIds: run.siteIds, plan: { ...plan } },
    });
    return { runId };
  });
}

/** Asks the worker to stop; it ends what runs and marks the run cancelled. */
export async function cancelTrainingRun(
  db: Database,
  cancel: { actorId: string; runId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const claimed = await tx.trainingRun.updateMany({
      where: { id: cancel.runId, state: { in: ["queued", "preparing", "running"] } },
      data: { state: "cancelling" },
    });
    if (claimed.count === 0) {
      throw new DomainError("conflict", "Only a run that is queued or running can be cancelled.");
    }
    await appendAudit(tx, {
      actorId: cancel.actorId,
      siteId: null,
      action: "training.cancel",
      entityKind: "training-run",
      entityId: cancel.runId,
      details: {},
    });
  });
}

/** Training images per site: what steps and duration of a run are made of. */
export async function countTrainingImages(
  db: Database,
  cohortId: string,
): Promise<{ siteId: string; imageCount: number }[]> {
  const rows = await db.instance.groupBy({
    by: ["siteId"],
    where: { case: { cohortCases: { some: { cohortId, split: toSplitRow("train") } } } },
    _count: true,
  });
  return rows.map((row) => ({ siteId: row.siteId, imageCount: row._count }));
}
