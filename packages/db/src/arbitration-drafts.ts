import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import { DomainError } from "@crossread/contracts/errors";
import { isComplete, type ReadingAnswers } from "@crossread/contracts/reading";
import {
  holdArbitration,
  loadOwnArbitration,
  whereOwn,
  type ArbitrationKey,
  type OwnArbitration,
} from "./own-arbitration.ts";
import { loadShownReadings, loadSteps, type RevealedStep, type StoredStep } from "./arbitration-steps.ts";
import type { SessionPause } from "./arbitration-work-list.ts";
import { appendAudit } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { isRepeated } from "./reading-drafts.ts";
import { loadReadingSession, recordReadingActivity } from "./reading-sessions.ts";

export interface ArbitrationDraft extends ArbitrationKey {
  readonly step: ArbitrationStep;
  /** Version that this draft was made from. */
  readonly version: number;
  readonly answers: ReadingAnswers;
  readonly durationMs: number;
  readonly now: Date;
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
    if (count > 0) {
      await recordActivity(tx, arbitration, draft);
      return { ok: true, version: draft.version + 1 };
    }
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
    await recordActivity(tx, arbitration, end);
    await audit(tx, arbitration, { ...end, action: "arbitration.lock-independent" });
    return revealed;
  });
}

export interface DecidedArbitration {
  /** Null when every case is decided, or none may be opened now. */
  readonly nextArbitrationId: string | null;
  readonly pause: SessionPause | null;
}

/** Locks the decision; the case is done. */
export async function decideArbitration(db: Database, end: ArbitrationStepEnd): Promise<DecidedArbitration> {
  return db.$transaction(async (tx) => {
    const arbitration = await holdArbitration(tx, end);
    const wasDecided = isRepeated((await loadSteps(tx, arbitration.id)).get("decision"), end);
    if (!wasDecided) {
      await lockStep(tx, arbitration, { ...end, step: "decision" });
      await tx.arbitration.update({ where: { id: arbitration.id }, data: { decidedAt: end.now } });
      await recordActivity(tx, arbitration, end);
    }
    const decided = await whatFollows(tx, arbitration, end);
    if (!wasDecided) await audit(tx, arbitration, { ...end, action: "arbitration.decide" });
    return decided;
  });
}

async function whatFollows(
  tx: Transaction,
  arbitration: OwnArbitration,
  end: ArbitrationStepEnd,
): Promise<DecidedArbitration> {
  const next = await tx.arbitration.findFirst({
    where: { ...whereOwn(arbitration, end), decidedAt: null },
    orderBy: { position: "asc" },
    select: { id: true, _count: { select: { readings: true } } },
  });
  if (next === null) return { nextArbitrationId: null, pause: null };
  const { continuesAt, isOver } = await loadReadingSession(tx, sessionOf(arbitration, end));
  return isOver && next._count.readings === 0
    ? { nextArbitrationId: null, pause: { reason: "session", continuesAt } }
    : { nextArbitrationId: next.id, pause: null };
}

const sessionOf = (
  { settings }: OwnArbitration,
  { arbitratorId, now }: { readonly arbitratorId: string; readonly now: Date },
) => ({ readerId: arbitratorId, settings, now });

/** Arbitrating is reading: it goes on the same session as the person's readings in whatever studies. */
const recordActivity = (
  tx: Transaction,
  arbitration: OwnArbitration,
  act: { readonly arbitratorId: string; readonly now: Date },
) => recordReadingActivity(tx, sessionOf(arbitration, act));

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
