import { DomainError } from "@crossread/contracts/errors";
import { operatingPointRuleSchema, type OperatingPointRule } from "@crossread/contracts/operating-point";
import type { Split } from "@crossread/contracts/split";
import { appendAudit } from "./audit.ts";
import { assertCohortClean } from "./cohort-leaks.ts";
import type { Database } from "./database.ts";
import type { ValidationState } from "./generated/enums.ts";
import { toJsonColumn } from "./json-column.ts";
import { fromSplitRow, toSplitRow } from "./split-row.ts";

export interface ValidationSummary {
  readonly validationRoundId: string;
  readonly name: string;
  readonly cohortId: string;
  readonly cohortName: string;
  readonly cohortDigest: string | null;
  readonly split: Split;
  readonly state: ValidationState;
  readonly primaryMetric: string;
  readonly operatingPoint: OperatingPointRule;
  readonly failureMessage: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly publishedAt: Date | null;
  readonly creatorName: string | null;
  readonly checkpoints: readonly { checkpointId: string; name: string; sha256: string }[];
}

const summaryInclude = {
  cohort: { select: { name: true, digest: true } },
  creator: { select: { name: true } },
  checkpoints: {
    orderBy: { checkpoint: { createdAt: "asc" } },
    select: { checkpoint: { select: { id: true, name: true, sha256: true } } },
  },
} as const;

async function findRounds(db: Database, where: { id?: string }): Promise<ValidationSummary[]> {
  const rounds = await db.validationRound.findMany({
    where,
    orderBy: { createdAt: "desc" },
    take: 200,
    include: summaryInclude,
  });
  return rounds.map((round) => ({
    validationRoundId: round.id,
    name: round.name,
    cohortId: round.cohortId,
    cohortName: round.cohort.name,
    cohortDigest: round.cohort.digest,
    split: fromSplitRow(round.split),
    state: round.state,
    primaryMetric: round.primaryMetric,
    operatingPoint: operatingPointRuleSchema.parse(round.operatingPoint),
    failureMessage: round.failureMessage,
    createdAt: round.createdAt,
    startedAt: round.startedAt,
    publishedAt: round.publishedAt,
    creatorName: round.creator?.name ?? null,
    checkpoints: round.checkpoints.map(({ checkpoint: { id, ...checkpoint } }) => ({
      checkpointId: id,
      ...checkpoint,
    })),
  }));
}

export const listValidationRounds = (db: Database): Promise<ValidationSummary[]> => findRounds(db, {});

export async function loadValidationRound(
  db: Database,
  validationRoundId: string,
): Promise<ValidationSummary> {
  const [round] = await findRounds(db, { id: validationRoundId });
  if (round === undefined) {
    throw new DomainError("not-found", `There is no validation round ${validationRoundId}.`);
  }
  return round;
}

export interface NewValidationRound {
  readonly actorId: string;
  readonly name: string;
  readonly cohortId: string;
  readonly split: Split;
  readonly primaryMetric: string;
  readonly operatingPoint: OperatingPointRule;
  readonly checkpointIds: readonly string[];
}

/** A draft: its metric and operating point are fixed here, before anything runs. */
export async function createValidationRound(
  db: Database,
  round: NewValidationRound,
): Promise<{ validationRoundId: string }> {
  return db.$transaction(async (tx) => {
    const cohort = await tx.cohort.findUnique({
      where: { id: round.cohortId },
      select: { name: true, frozenAt: true },
    });
    if (cohort === null) throw new DomainError("not-found", `There is no cohort ${round.cohortId}.`);
    if (cohort.frozenAt === null) {
      throw new DomainError(
        "cohort-invalid",
        `Validation needs a frozen cohort; "${cohort.name}" is not frozen.`,
      );
    }
    const split = toSplitRow(round.split);
    if ((await tx.cohortCase.count({ where: { cohortId: round.cohortId, split } })) === 0) {
      throw new DomainError("cohort-invalid", `Cohort "${cohort.name}" has no cases in ${round.split}.`);
    }
    const known = await tx.checkpoint.count({ where: { id: { in: [...round.checkpointIds] } } });
    if (known !== new Set(round.checkpointIds).size) {
      throw new DomainError("not-found", "One of the chosen checkpoints does not exist.");
    }
    const { id } = await tx.validationRound.create({
      data: {
        name: round.name,
        cohortId: round.cohortId,
        split,
        primaryMetric: round.primaryMetric,
        operatingPoint: toJsonColumn(round.operatingPoint),
        createdBy: round.actorId,
        checkpoints: { create: [...new Set(round.checkpointIds)].map((checkpointId) => ({ checkpointId })) },
      },
      select: { id: true },
    });
    await appendAudit(tx, {
      actorId: round.actorId,
      siteId: null,
      action: "validation.create",
      entityKind: "validation-round",
      entityId: id,
      details: {
        cohortId: round.cohortId,
        split: round.split,
        primaryMetric: round.primaryMetric,
        operatingPoint: { ...round.operatingPoint },
        checkpointIds: round.checkpointIds,
      },
    });
    return { validationRoundId: id };
  });
}

/** Notes who started the draft; the worker claims it. */
export async function auditValidationStart(
  db: Database,
  start: { actorId: string; validationRoundId: string },
): Promise<void> {
  const round = await loadValidationRound(db, start.validationRoundId);
  if (round.state !== "draft") {
    throw new DomainError("conflict", `Only a draft can be started; this round is ${round.state}.`);
  }
  await appendAudit(db, {
    actorId: start.actorId,
    siteId: null,
    action: "validation.start",
    entityKind: "validation-round",
    entityId: start.validationRoundId,
    details: {},
  });
}

/** Makes the round and its evaluations immutable. */
export async function publishValidationRound(
  db: Database,
  publish: { actorId: string; validationRoundId: string; at: Date },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const round = await tx.validationRound.findUnique({
      where: { id: publish.validationRoundId },
      select: {
        cohortId: true,
        split: true,
        cohort: { select: { name: true } },
        checkpoints: { select: { checkpointId: true } },
      },
    });
    if (round === null) {
      throw new DomainError("not-found", `There is no validation round ${publish.validationRoundId}.`);
    }
    await assertCohortClean(tx, {
      cohortId: round.cohortId,
      name: round.cohort.name,
      needsAllCompared: true,
    });
    const checkpointIds = round.checkpoints.map(({ checkpointId }) => checkpointId);
    const target = { cohortId: round.cohortId, split: round.split, checkpointId: { in: checkpointIds } };
    const pooled = await tx.evaluation.count({ where: { ...target, siteId: null } });
    if (pooled < checkpointIds.length) {
      throw new DomainError(
        "conflict",
        `${checkpointIds.length - pooled} of ${checkpointIds.length} checkpoints have no evaluation yet.`,
      );
    }
    const published = await tx.validationRound.updateMany({
      where: { id: publish.validationRoundId, state: { in: ["reading", "adjudication"] } },
      data: { state: "published", publishedAt: publish.at },
    });
    if (published.count === 0) {
      throw new DomainError("conflict", "Only a round whose evaluation has finished can be published.");
    }
    await tx.evaluation.updateMany({
      where: { ...target, publishedAt: null },
      data: { publishedAt: publish.at },
    });
    await appendAudit(tx, {
      actorId: publish.actorId,
      siteId: null,
      action: "validation.publish",
      entityKind: "validation-round",
      entityId: publish.validationRoundId,
      details: { checkpointIds },
    });
  });
}
