import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import {
  emptyReadingAnswers,
  mapRatingDraftSchema,
  readingAnswersSchema,
  type MapRatingDraft,
  type ReadingAnswers,
} from "@crossread/contracts/reading";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

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
  readonly images: readonly ReadingImage[];
  /** Newest first. */
  readonly priors: readonly ReadingPrior[];
  readonly unaided: StoredReading;
  /** Null before the lock. */
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
  const assignment = await loadAssignment(db, key);
  const earlier = await db.readingAssignment.findFirst({
    where: {
      readerStudyId: assignment.readerStudyId,
      readerId: key.readerId,
      position: { lt: assignment.position },
      readings: { none: { condition: "aided", lockedAt: { not: null } } },
    },
    orderBy: { position: "asc" },
    select: { position: true },
  });
  if (earlier !== null) {
    throw new DomainError(
      "conflict",
      `Cases are read in order: case ${earlier.position + 1} comes before case ${assignment.position + 1}.`,
    );
  }
  await db.reading.createMany({
    data: {
      assignmentId: assignment.id,
      condition: "unaided",
      answers: toJsonColumn(emptyReadingAnswers),
      startedAt: now,
    },
    skipDuplicates: true,
  });
  const [images, priors, readings, caseCount, next] = await Promise.all([
    loadImages(db, assignment.caseId),
    loadPriors(db, assignment.caseId),
    loadReadings(db, assignment.id),
    db.readingAssignment.count({
      where: { readerStudyId: assignment.readerStudyId, readerId: key.readerId },
    }),
    db.readingAssignment.findFirst({
      where: {
        readerStudyId: assignment.readerStudyId,
        readerId: key.readerId,
        position: assignment.position + 1,
      },
      select: { id: true, case: { select: { instances: imagesSelect } } },
    }),
  ]);
  const unaided = readings.get("unaided");
  if (unaided === undefined) throw new DomainError("not-found", `Reading of ${assignment.id} is missing.`);
  return {
    assignmentId: assignment.id,
    readerStudyId: assignment.readerStudyId,
    readerStudyName: assignment.readerStudyName,
    position: assignment.position,
    caseCount,
    images,
    priors,
    unaided,
    aided: readings.get("aided") ?? null,
    next: next === null ? null : { assignmentId: next.id, images: next.case.instances.map(toReadingImage) },
  };
}

export interface OwnAssignment {
  readonly id: string;
  readonly position: number;
  readonly caseId: string;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly checkpointId: string;
  readonly isOpen: boolean;
}

/** The assignment, if it is the caller's own; somebody else's is as if it did not exist. */
export async function loadAssignment(db: Database | Transaction, key: AssignmentKey): Promise<OwnAssignment> {
  const row = await db.readingAssignment.findFirst({
    where: { id: key.assignmentId, readerId: key.readerId, readerStudy: { state: { not: "draft" } } },
    select: {
      id: true,
      position: true,
      caseId: true,
      readerStudy: { select: { id: true, name: true, state: true, checkpointId: true } },
    },
  });
  if (row === null) throw new DomainError("not-found", `You have no assignment ${key.assignmentId}.`);
  return {
    id: row.id,
    position: row.position,
    caseId: row.caseId,
    readerStudyId: row.readerStudy.id,
    readerStudyName: row.readerStudy.name,
    checkpointId: row.readerStudy.checkpointId,
    isOpen: row.readerStudy.state === "open",
  };
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
