import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
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
import { assertSessionNotOver, recordReadingActivity, type SessionSettings } from "./reading-sessions.ts";

/** What a reader may know of an image before the lock: how to hang it and how large it is. */
export interface ReadingImage {
  readonly instanceId: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelSpacingMm: number | null;
}

/** An earlier study of the same patient: images and interval, nothing that was found in it. */
export interface ReadingPrior {
  readonly daysBefore: number;
  readonly images: readonly ReadingImage[];
}

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

export interface AssignmentKey {
  readonly readerId: string;
  readonly assignmentId: string;
}

const imagesSelect = {
  orderBy: [{ laterality: "desc" as const }, { view: "asc" as const }, { id: "asc" as const }],
  select: {
    id: true,
    laterality: true,
    view: true,
    rows: true,
    columns: true,
    imagerPixelSpacingMm: true,
  },
};

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
    select: { case: { select: { instances: imagesSelect } } },
  });
  return { assignmentId: next.assignmentId, images: row.case.instances.map(toReadingImage) };
}

export interface OwnAssignment {
  readonly id: string;
  readonly position: number;
  readonly caseId: string;
  /** The only condition that is read; null: unaided, then aided. */
  readonly condition: Condition | null;
  readonly isSubmitted: boolean;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly checkpointId: string;
  readonly isOpen: boolean;
  readonly settings: SessionSettings & { readonly washoutDays: number };
}

/**
 * The assignment, if it is the caller's own; somebody else's is as if it did not exist.
 *
 * @throws {DomainError} "not-found"; "forbidden" where the caller has not accepted the invitation, or no longer reads
 */
export async function loadAssignment(db: Database | Transaction, key: AssignmentKey): Promise<OwnAssignment> {
  const row = await db.readingAssignment.findFirst({
    where: { id: key.assignmentId, readerId: key.readerId, readerStudy: { state: { not: "draft" } } },
    select: {
      id: true,
      position: true,
      caseId: true,
      condition: true,
      submittedAt: true,
      participant: { select: { participation: true } },
      readerStudy: {
        select: {
          id: true,
          name: true,
          state: true,
          checkpointId: true,
          washoutDays: true,
          sessionMinutes: true,
          breakAfterMinutes: true,
          breakMinutes: true,
        },
      },
    },
  });
  if (row === null) throw new DomainError("not-found", `You have no assignment ${key.assignmentId}.`);
  const { id, name, state, checkpointId, ...settings } = row.readerStudy;
  const refusal = {
    planned: `Reader study "${name}" is not open.`,
    invited: `Accept the invitation to "${name}" in your work list before you read in it.`,
    accepted: undefined,
    declined: `You declined the invitation to "${name}".`,
    withdrawn: `You were withdrawn from "${name}": what you locked is kept, and nothing more is read.`,
  }[row.participant.participation];
  if (refusal !== undefined) throw new DomainError("forbidden", refusal);
  return {
    id: row.id,
    position: row.position,
    caseId: row.caseId,
    condition: row.condition,
    isSubmitted: row.submittedAt !== null,
    readerStudyId: id,
    readerStudyName: name,
    checkpointId,
    isOpen: state === "open",
    settings,
  };
}

export async function loadOpenAssignment(
  db: Database | Transaction,
  key: AssignmentKey,
): Promise<OwnAssignment> {
  const assignment = await loadAssignment(db, key);
  if (!assignment.isOpen) {
    throw new DomainError("conflict", `Reader study "${assignment.readerStudyName}" is closed.`);
  }
  return assignment;
}

export async function loadImages(db: Database, caseId: string): Promise<ReadingImage[]> {
  const instances = await db.instance.findMany({ where: { caseId }, ...imagesSelect });
  return instances.map(toReadingImage);
}

const longestPriorCount = 4;
const dayMs = 86_400_000;

/** Studies of the same patient, at the same site, with an earlier date; without dates nothing is earlier. */
export async function loadPriors(db: Database, caseId: string): Promise<ReadingPrior[]> {
  const { study, subjectId } = await db.case.findUniqueOrThrow({
    where: { id: caseId },
    select: { subjectId: true, study: { select: { studyDate: true } } },
  });
  const { studyDate } = study;
  if (studyDate === null) return [];
  const earlier = await db.study.findMany({
    where: { subjectId, studyDate: { lt: studyDate } },
    orderBy: [{ studyDate: "desc" }, { id: "asc" }],
    take: longestPriorCount,
    select: { studyDate: true, cases: { select: { instances: imagesSelect } } },
  });
  return earlier.flatMap((prior) =>
    prior.studyDate === null
      ? []
      : [
          {
            daysBefore: Math.round((studyDate.getTime() - prior.studyDate.getTime()) / dayMs),
            images: prior.cases.flatMap(({ instances }) => instances.map(toReadingImage)),
          },
        ],
  );
}

function toReadingImage(instance: {
  id: string;
  laterality: Laterality;
  view: View;
  rows: number;
  columns: number;
  imagerPixelSpacingMm: number | null;
}): ReadingImage {
  return {
    instanceId: instance.id,
    laterality: instance.laterality,
    view: instance.view,
    widthPx: instance.columns,
    heightPx: instance.rows,
    pixelSpacingMm: instance.imagerPixelSpacingMm,
  };
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
