import { DomainError } from "@crossread/contracts/errors";
import {
  emptyReadingAnswers,
  mapRatingDraftSchema,
  readingAnswersSchema,
  type Condition,
  type MapRatingDraft,
  type ReadingAnswers,
} from "@crossread/contracts/reading";
import { assertAidReady } from "./aid-reveal.ts";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { findNextAssignment } from "./next-assignment.ts";
import { loadOpenAssignment, type AssignmentKey, type OwnAssignment } from "./own-assignment.ts";
import { loadImages, loadPriors, type ReadingImage, type ReadingPrior } from "./reading-images.ts";
import { assertSessionNotOver, recordReadingActivity } from "./reading-sessions.ts";

export interface StoredReading {
  readonly answers: ReadingAnswers;
  readonly mapRating: MapRatingDraft;
  readonly version: number;
  readonly durationMs: number;
  readonly isLocked: boolean;
}

export interface ReadingCase {
  readonly assignmentId: string;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly position: number;
  readonly caseCount: number;
  /** In the order in which they are read: both, or in a crossover the one of this period. */
  readonly conditions: readonly Condition[];
  readonly images: readonly ReadingImage[];
  /** Newest first. */
  readonly priors: readonly ReadingPrior[];
  /** Null where the case is read aided only. */
  readonly unaided: StoredReading | null;
  /** Null before the lock, and where the case is read unaided only. */
  readonly aided: StoredReading | null;
  /** The case after this one, so that its images can be fetched ahead. */
  readonly next: { readonly assignmentId: string; readonly images: readonly ReadingImage[] } | null;
}

/**
 * Opens a case for its reader, in the reader's order: an earlier case that is not submitted comes first.
 * Neither site, label, reference standard, other readers nor anything of the model is read here.
 */
export async function openReadingCase(db: Database, key: AssignmentKey, now: Date): Promise<ReadingCase> {
  const assignment = await loadOpenAssignment(db, key);
  const { readerStudyId } = assignment;
  if (assignment.isSubmitted) {
    // The answers of period 1 would be in sight while the case is read again.
    if (assignment.condition !== null)
      throw new DomainError("conflict", "This case is submitted and locked.");
  } else {
    await beginAssignment(db, assignment, { ...key, now });
  }
  const [images, priors, readings, caseCount, next] = await Promise.all([
    loadImages(db, assignment.caseId),
    loadPriors(db, assignment.caseId),
    loadReadings(db, assignment.id),
    db.readingAssignment.count({ where: { readerStudyId, readerId: key.readerId } }),
    loadNextImages(db, { ...key, readerStudyId, now }),
  ]);
  return {
    assignmentId: assignment.id,
    readerStudyId,
    readerStudyName: assignment.readerStudyName,
    position: assignment.position,
    caseCount,
    conditions: assignment.condition === null ? ["unaided", "aided"] : [assignment.condition],
    images,
    priors,
    unaided: readings.get("unaided") ?? null,
    aided: readings.get("aided") ?? null,
    next,
  };
}

/** Starts the clock of a case whose turn it is; one that was begun may always be continued. */
async function beginAssignment(
  db: Database,
  assignment: OwnAssignment,
  key: AssignmentKey & { readonly now: Date },
): Promise<void> {
  const { readerId, now } = key;
  const { readerStudyId, settings } = assignment;
  await db.$transaction(async (tx) => {
    if ((await tx.reading.count({ where: { assignmentId: assignment.id } })) === 0) {
      const due = await findNextAssignment(tx, { readerStudyId, readerId, now });
      if (due?.continuesAt instanceof Date) {
        throw new DomainError(
          "conflict",
          `A case is read again ${settings.washoutDays} days after its first reading: the next one opens on ${due.continuesAt.toISOString().slice(0, 10)}.`,
        );
      }
      if (due?.assignmentId !== assignment.id) {
        throw new DomainError(
          "conflict",
          due === undefined
            ? `Case ${assignment.position + 1} is read again after its first reading.`
            : `Cases are read in order: case ${due.position + 1} comes before case ${assignment.position + 1}.`,
        );
      }
      await assertSessionNotOver(tx, { readerId, settings, now });
      if (assignment.condition === "aided") {
        await assertAidReady(tx, assignment, "open it in a few minutes");
      }
      await tx.reading.createMany({
        data: {
          assignmentId: assignment.id,
          condition: assignment.condition ?? "unaided",
          answers: toJsonColumn(emptyReadingAnswers),
          startedAt: now,
        },
        skipDuplicates: true,
      });
    }
    await recordReadingActivity(tx, { readerId, settings, now });
  });
}

async function loadNextImages(
  db: Database,
  key: AssignmentKey & { readonly readerStudyId: string; readonly now: Date },
): Promise<ReadingCase["next"]> {
  const next = await findNextAssignment(db, { ...key, exceptAssignmentId: key.assignmentId });
  if (next === undefined || next.assignmentId === null) return null;
  const row = await db.readingAssignment.findUniqueOrThrow({
    where: { id: next.assignmentId },
    select: { caseId: true },
  });
  return { assignmentId: next.assignmentId, images: await loadImages(db, row.caseId) };
}

export async function loadReadings(
  db: Database | Transaction,
  assignmentId: string,
): Promise<Map<"unaided" | "aided", StoredReading>> {
  const rows = await db.reading.findMany({
    where: { assignmentId },
    select: {
      condition: true,
      answers: true,
      version: true,
      durationMs: true,
      lockedAt: true,
      mapRating: { select: { answers: true } },
    },
  });
  return new Map(
    rows.map((row) => [
      row.condition,
      {
        answers: readingAnswersSchema.parse(row.answers),
        mapRating: mapRatingDraftSchema.parse(row.mapRating?.answers ?? {}),
        version: row.version,
        durationMs: row.durationMs,
        isLocked: row.lockedAt !== null,
      },
    ]),
  );
}
