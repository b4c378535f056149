import { DomainError } from "@crossread/contracts/errors";
import {
  isComplete,
  mapRatingSchema,
  type Condition,
  type MapRatingDraft,
  type ReadingAnswers,
} from "@crossread/contracts/reading";
import { assertAidReady } from "./aid-reveal.ts";
import { appendAudit } from "./audit.ts";
import { canonicalJson, type JsonValue } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { findNextAssignment } from "./next-assignment.ts";
import { loadReadingSession, recordReadingActivity } from "./reading-sessions.ts";
import { loadOpenAssignment, type AssignmentKey, type OwnAssignment } from "./own-assignment.ts";
import { loadReadings, type StoredReading } from "./readings.ts";

export interface ReadingDraft extends AssignmentKey {
  readonly condition: Condition;
  /** Version that this draft was made from. */
  readonly version: number;
  readonly answers: ReadingAnswers;
  /** Empty in the unaided step. */
  readonly mapRating: MapRatingDraft;
  readonly durationMs: number;
  readonly now: Date;
}

export type SavedDraft =
  { readonly ok: true; readonly version: number } | { readonly ok: false; readonly stored: StoredReading };

/** Saves a draft unless somebody saved since; then the stored one comes back, to be shown beside the refused one. */
export async function saveReadingDraft(db: Database, draft: ReadingDraft): Promise<SavedDraft> {
  return db.$transaction(async (tx) => {
    const assignment = await loadOpenAssignment(tx, draft);
    await assertMarksOnCase(tx, assignment, draft.answers);
    if (draft.condition === "unaided" && Object.keys(draft.mapRating).length > 0) {
      throw new DomainError("usage", "A map is rated in the aided step only.");
    }
    const { count } = await tx.reading.updateMany({
      where: {
        assignmentId: assignment.id,
        condition: draft.condition,
        version: draft.version,
        lockedAt: null,
      },
      data: {
        answers: toJsonColumn(draft.answers),
        durationMs: draft.durationMs,
        version: { increment: 1 },
      },
    });
    if (count === 0) return refusedOrRepeated(tx, assignment.id, draft);
    if (draft.condition === "aided") await saveMapRating(tx, assignment.id, draft.mapRating);
    await recordReadingActivity(tx, { ...draft, settings: assignment.settings });
    return { ok: true, version: draft.version + 1 };
  });
}

async function refusedOrRepeated(
  tx: Transaction,
  assignmentId: string,
  draft: ReadingDraft,
): Promise<SavedDraft> {
  const stored = (await loadReadings(tx, assignmentId)).get(draft.condition);
  if (stored === undefined) {
    throw new DomainError(
      "conflict",
      `The ${draft.condition} reading of assignment ${assignmentId} is not open.`,
    );
  }
  if (stored.isLocked) throw alreadyLocked(assignmentId, draft.condition);
  // The answer to an earlier save was lost on the way: the same content is not a conflict.
  const isSame =
    canonicalJson(contentOf(stored.answers, stored.mapRating)) ===
    canonicalJson(contentOf(draft.answers, draft.mapRating));
  return isSame ? { ok: true, version: stored.version } : { ok: false, stored };
}

const contentOf = (answers: ReadingAnswers, mapRating: MapRatingDraft): JsonValue =>
  JSON.parse(JSON.stringify({ answers, mapRating })) as JsonValue;

async function saveMapRating(
  tx: Transaction,
  assignmentId: string,
  mapRating: MapRatingDraft,
): Promise<void> {
  const reading = await tx.reading.findUniqueOrThrow({
    where: { assignmentId_condition: { assignmentId, condition: "aided" } },
    select: { id: true },
  });
  const answers = toJsonColumn(mapRating);
  await tx.mapRating.upsert({
    where: { readingId: reading.id },
    create: { readingId: reading.id, answers },
    update: { answers },
  });
}

export interface ReadingStepEnd extends AssignmentKey {
  readonly version: number;
  readonly durationMs: number;
  readonly now: Date;
}

/**
 * Holds the readings of a case and the state of its study until the transaction ends: of calls that come at once each
 * sees what the one before it left.
 */
async function holdOpenAssignment(tx: Transaction, key: AssignmentKey): Promise<OwnAssignment> {
  await tx.$queryRaw`SELECT s.id FROM reader_studies s JOIN reading_assignments a ON a.reader_study_id = s.id
    WHERE a.id = ${key.assignmentId}::uuid FOR SHARE OF s`;
  await tx.$queryRaw`SELECT id FROM readings WHERE assignment_id = ${key.assignmentId}::uuid ORDER BY id FOR UPDATE`;
  return loadOpenAssignment(tx, key);
}

/** The answer to an earlier call was lost on the way: this version is locked already. */
export const isRepeated = (
  stored: { readonly isLocked: boolean; readonly version: number } | undefined,
  end: { readonly version: number },
): boolean => stored?.isLocked === true && stored.version === end.version + 1;

/** Locks the unaided reading for ever and opens the aided one with the same answers. */
export async function lockUnaidedReading(db: Database, end: ReadingStepEnd): Promise<StoredReading> {
  return db.$transaction(async (tx) => {
    const assignment = await holdOpenAssignment(tx, end);
    const readings = await loadReadings(tx, assignment.id);
    const opened = readings.get("aided");
    if (opened !== undefined && isRepeated(readings.get("unaided"), end)) return opened;
    if (assignment.condition !== null) {
      throw new DomainError(
        "conflict",
        `This case is read ${assignment.condition} only: it is submitted, not locked and read again.`,
      );
    }
    // A lock without anything to reveal would spoil the aided step for ever.
    await assertAidReady(tx, assignment, "your draft is saved, lock it in a few minutes");
    const unaided = await lockStep(tx, assignment, { ...end, condition: "unaided" });
    await tx.reading.create({
      data: {
        assignmentId: assignment.id,
        condition: "aided",
        answers: toJsonColumn(unaided.answers),
        startedAt: end.now,
      },
    });
    const aided = (await loadReadings(tx, assignment.id)).get("aided");
    if (aided === undefined) {
      throw new DomainError("conflict", `Assignment ${assignment.id} has no aided reading.`);
    }
    await recordReadingActivity(tx, { ...end, settings: assignment.settings });
    await appendAudit(tx, {
      actorId: end.readerId,
      siteId: null,
      action: "reading.lock-unaided",
      entityKind: "reading-assignment",
      entityId: assignment.id,
      details: { version: end.version, durationMs: end.durationMs },
    });
    return aided;
  });
}

export interface SubmittedReading {
  /** Null when everything is read, or nothing may be read now. */
  readonly nextAssignmentId: string | null;
  /** Why nothing may be read now, and until when. */
  readonly pause: { readonly reason: "session" | "washout"; readonly continuesAt: Date } | null;
}

/** Locks the last reading of a case, an aided one with its map rating; the case is done. */
export async function submitReading(db: Database, end: ReadingStepEnd): Promise<SubmittedReading> {
  return db.$transaction(async (tx) => {
    const assignment = await holdOpenAssignment(tx, end);
    const { readerStudyId, settings } = assignment;
    const condition = assignment.condition ?? "aided";
    const wasSubmitted = isRepeated((await loadReadings(tx, assignment.id)).get(condition), end);
    if (!wasSubmitted) await lockStep(tx, assignment, { ...end, condition });
    await recordReadingActivity(tx, { ...end, settings });
    const [next, session] = [
      await findNextAssignment(tx, { ...end, readerStudyId }),
      await loadReadingSession(tx, { ...end, settings }),
    ];
    if (!wasSubmitted) {
      await appendAudit(tx, {
        actorId: end.readerId,
        siteId: null,
        action: "reading.submit",
        entityKind: "reading-assignment",
        entityId: assignment.id,
        details: { version: end.version, durationMs: end.durationMs },
      });
    }
    if (next === undefined) return { nextAssignmentId: null, pause: null };
    if (next.continuesAt !== null) {
      return { nextAssignmentId: null, pause: { reason: "washout", continuesAt: next.continuesAt } };
    }
    if (session.isOver && !next.isStarted) {
      return { nextAssignmentId: null, pause: { reason: "session", continuesAt: session.continuesAt } };
    }
    return { nextAssignmentId: next.assignmentId, pause: null };
  });
}

async function lockStep(
  tx: Transaction,
  assignment: OwnAssignment,
  end: ReadingStepEnd & { condition: Condition },
): Promise<StoredReading> {
  const stored = (await loadReadings(tx, assignment.id)).get(end.condition);
  if (stored === undefined) {
    throw new DomainError(
      "conflict",
      `The ${end.condition} reading of assignment ${assignment.id} is not open.`,
    );
  }
  if (stored.isLocked) throw alreadyLocked(assignment.id, end.condition);
  if (!isComplete(stored.answers)) {
    throw new DomainError(
      "usage",
      "A reading is locked with BI-RADS and suspicion of both breasts and the density; something is missing.",
    );
  }
  if (end.condition === "aided" && !mapRatingSchema.safeParse(stored.mapRating).success) {
    throw new DomainError(
      "usage",
      "All six questions about the map must be answered before a case is submitted.",
    );
  }
  const { count } = await tx.reading.updateMany({
    where: { assignmentId: assignment.id, condition: end.condition, version: end.version, lockedAt: null },
    data: { lockedAt: end.now, durationMs: end.durationMs, version: { increment: 1 } },
  });
  if (count === 0) {
    throw new DomainError(
      "conflict",
      `The reading was changed elsewhere: version ${stored.version} is stored, version ${end.version} was sent.`,
    );
  }
  await storeMarks(tx, assignment.id, { ...end, answers: stored.answers });
  return stored;
}

async function storeMarks(
  tx: Transaction,
  assignmentId: string,
  reading: { condition: Condition; readerId: string; answers: ReadingAnswers },
): Promise<void> {
  const { id: readingId } = await tx.reading.findUniqueOrThrow({
    where: { assignmentId_condition: { assignmentId, condition: reading.condition } },
    select: { id: true },
  });
  await tx.annotation.createMany({
    data: reading.answers.marks.map((mark) => ({
      instanceId: mark.instanceId,
      source: "reader" as const,
      readingId,
      authorId: reading.readerId,
      geometry: toJsonColumn(mark.geometry),
      kind: mark.kind,
      ...(mark.descriptors === undefined ? {} : { descriptors: toJsonColumn(mark.descriptors) }),
    })),
  });
}

async function assertMarksOnCase(
  tx: Transaction,
  assignment: OwnAssignment,
  answers: ReadingAnswers,
): Promise<void> {
  const instanceIds = [...new Set(answers.marks.map((mark) => mark.instanceId))];
  if (instanceIds.length === 0) return;
  const own = await tx.instance.count({ where: { caseId: assignment.caseId, id: { in: instanceIds } } });
  if (own !== instanceIds.length) {
    throw new DomainError("usage", "A mark must lie on an image of the case that is read.");
  }
}

const alreadyLocked = (assignmentId: string, condition: Condition) =>
  new DomainError(
    "reading-already-locked",
    `The ${condition} reading of assignment ${assignmentId} is locked and cannot change.`,
  );
