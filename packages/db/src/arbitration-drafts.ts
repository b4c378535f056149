import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import { DomainError } from "@crossread/contracts/errors";
import { isComplete, type ReadingAnswers } from "@crossread/contracts/reading";
import {
  loadOwnArbitration,
  loadShownReadings,
  loadSteps,
  type ArbitrationKey,
  type OwnArbitration,
  type RevealedStep,
  type StoredStep,
} from "./arbitrations.ts";
import { appendAudit } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { isRepeated } from "./reading-drafts.ts";

export interface ArbitrationDraft extends ArbitrationKey {
  readonly step: ArbitrationStep;
  /** Version that this draft was made from. */
  readonly version: number;
  readonly answers: ReadingAnswers;
  readonly durationMs: number;
}

export type SavedArbitrationDraft =
  { readonly ok: true; readonly version: number } | { readonly ok: false; readonly stored: StoredStep };

/** Saves a draft unless somebody saved since; then the stored one comes back, to be shown beside the refused one. */
export async function saveArbitrationDraft(
  db: Database,
  draft: ArbitrationDraft,
): Promise<SavedArbitrationDraft> {
  return db.$transaction(async (tx) => {
    const arbitration = await loadOwnArbitration(tx, draft);
    await assertMarksOnCase(tx, arbitration, draft.answers);
    const { count } = await tx.arbitrationReading.updateMany({
      where: { arbitrationId: arbitration.id, step: draft.step, version: draft.version, lockedAt: null },
      data: {
        answers: toJsonColumn(draft.answers),
        durationMs: draft.durationMs,
        version: { increment: 1 },
      },
    });
    if (count > 0) return { ok: true, version: draft.version + 1 };
    const stored = await loadOpenStep(tx, arbitration.id, draft.step);
    // The answer to an earlier save was lost on the way: the same content is not a conflict.
    const isSame = contentOf(stored.answers) === contentOf(draft.answers);
    return isSame ? { ok: true, version: stored.version } : { ok: false, stored };
  });
}

const contentOf = (answers: ReadingAnswers): string => canonicalJson(JSON.parse(JSON.stringify(answers)));

export interface ArbitrationStepEnd extends ArbitrationKey {
  readonly version: number;
  readonly durationMs: number;
  readonly now: Date;
}

/** Holds a case's steps until the transaction ends: of calls that come at once each sees what the one before it left. */
async function holdArbitration(tx: Transaction, key: ArbitrationKey): Promise<OwnArbitration> {
  const { arbitrationId } = key;
  await tx.$queryRaw`SELECT id FROM arbitrations WHERE id = ${arbitrationId}::uuid FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM arbitration_readings WHERE arbitration_id = ${arbitrationId}::uuid
    ORDER BY id FOR UPDATE`;
  return loadOwnArbitration(tx, key);
}

/** Locks the arbitrator's own reading for ever, shows the others' and opens the decision with the same answers. */
export async function lockIndependentReading(db: Database, end: ArbitrationStepEnd): Promise<RevealedStep> {
  return db.$transaction(async (tx) => {
    const arbitration = await holdArbitration(tx, end);
    const steps = await loadSteps(tx, arbitration.id);
    const opened = steps.get("decision");
    if (opened !== undefined && isRepeated(steps.get("independent"), end)) {
      return { decision: opened, readings: await loadShownReadings(tx, arbitration) };
    }
    const independent = await lockStep(tx, arbitration, { ...end, step: "independent" });
    await tx.arbitrationReading.create({
      data: {
        arbitrationId: arbitration.id,
        step: "decision",
        answers: toJsonColumn(independent.answers),
        startedAt: end.now,
      },
    });
    const revealed = {
      decision: await loadOpenStep(tx, arbitration.id, "decision"),
      readings: await loadShownReadings(tx, arbitration),
    };
    await audit(tx, arbitration, { ...end, action: "arbitration.lock-independent" });
    return revealed;
  });
}

/** Locks the decision; the case is done. */
export async function decideArbitration(
  db: Database,
  end: ArbitrationStepEnd,
): Promise<{ nextArbitrationId: string | null }> {
  return db.$transaction(async (tx) => {
    const arbitration = await holdArbitration(tx, end);
    const wasDecided = isRepeated((await loadSteps(tx, arbitration.id)).get("decision"), end);
    if (!wasDecided) {
      await lockStep(tx, arbitration, { ...end, step: "decision" });
      await tx.arbitration.update({ where: { id: arbitration.id }, data: { decidedAt: end.now } });
      await audit(tx, arbitration, { ...end, action: "arbitration.decide" });
    }
    const next = await tx.arbitration.findFirst({
      where: { queueId: arbitration.queueId, arbitratorId: end.arbitratorId, decidedAt: null },
      orderBy: { position: "asc" },
      select: { id: true },
    });
    return { nextArbitrationId: next?.id ?? null };
  });
}

async function lockStep(
  tx: Transaction,
  arbitration: OwnArbitration,
  end: ArbitrationStepEnd & { step: ArbitrationStep },
): Promise<StoredStep> {
  const stored = await loadOpenStep(tx, arbitration.id, end.step);
  if (!isComplete(stored.answers)) {
    throw new DomainError(
      "usage",
      "It is locked with BI-RADS and suspicion of both breasts and the density; something is missing.",
    );
  }
  const { count } = await tx.arbitrationReading.updateMany({
    where: { arbitrationId: arbitration.id, step: end.step, version: end.version, lockedAt: null },
    data: { lockedAt: end.now, durationMs: end.durationMs, version: { increment: 1 } },
  });
  if (count === 0) {
    throw new DomainError(
      "conflict",
      `It was changed elsewhere: version ${stored.version} is stored, version ${end.version} was sent.`,
    );
  }
  return stored;
}

async function loadOpenStep(
  tx: Transaction,
  arbitrationId: string,
  step: ArbitrationStep,
): Promise<StoredStep> {
  const stored = (await loadSteps(tx, arbitrationId)).get(step);
  if (stored === undefined) {
    throw new DomainError("conflict", `The ${step} step of arbitration ${arbitrationId} is not open.`);
  }
  if (stored.isLocked) {
    throw new DomainError(
      "reading-already-locked",
      `The ${step} step of arbitration ${arbitrationId} is locked and cannot change.`,
    );
  }
  return stored;
}

async function assertMarksOnCase(
  tx: Transaction,
  arbitration: OwnArbitration,
  answers: ReadingAnswers,
): Promise<void> {
  const instanceIds = [...new Set(answers.marks.map((mark) => mark.instanceId))];
  if (instanceIds.length === 0) return;
  const own = await tx.instance.count({ where: { caseId: arbitration.caseId, id: { in: instanceIds } } });
  if (own !== instanceIds.length) {
    throw new DomainError("usage", "A mark must lie on an image of the case that is arbitrated.");
  }
}

const audit = (
  tx: Transaction,
  arbitration: OwnArbitration,
  end: ArbitrationStepEnd & { readonly action: string },
) =>
  appendAudit(tx, {
    actorId: end.arbitratorId,
    siteId: null,
    action: end.action,
    entityKind: "arbitration",
    entityId: arbitration.id,
    details: { version: end.version, durationMs: end.durationMs },
  });
