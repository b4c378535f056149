import type { Database, Transaction } from "./database.ts";
import { Prisma } from "./generated/client.ts";

export interface NextAssignment {
  /** Null where nothing may be read now. */
  readonly assignmentId: string | null;
  readonly position: number;
  /** Whether it was opened before and holds a draft. */
  readonly isStarted: boolean;
  /** When the washout of the next case is over; null where something may be read now. */
  readonly continuesAt: Date | null;
}

/** From when an assignment `a` of study `s` may be read: period 2 a washout after the reader's own reading `first` of period 1. */
export const availableAt = Prisma.sql`
  CASE WHEN a.period = 1 THEN 'epoch'::timestamptz
  ELSE first.submitted_at + make_interval(hours => 24 * s.washout_days) END`;

export const joinFirstPeriod = Prisma.sql`
  LEFT JOIN reading_assignments first ON a.period = 2 AND first.period = 1
    AND first.reader_study_id = a.reader_study_id AND first.reader_id = a.reader_id AND first.case_id = a.case_id`;

/** What a reader reads next in a study, what was begun first; undefined when everything is submitted. */
export async function findNextAssignment(
  db: Database | Transaction,
  key: {
    readonly readerStudyId: string;
    readonly readerId: string;
    readonly now: Date;
    readonly exceptAssignmentId?: string;
  },
): Promise<NextAssignment | undefined> {
  const { now } = key;
  const except =
    key.exceptAssignmentId === undefined
      ? Prisma.empty
      : Prisma.sql`AND a.id <> ${key.exceptAssignmentId}::uuid`;
  const [row] = await db.$queryRaw<
    { id: string; position: number; is_started: boolean; available_at: Date | null }[]
  >`
    SELECT * FROM (
      SELECT a.id, a.position, ${availableAt} AS available_at,
        begun.is_started IS NOT NULL AS is_started
      FROM reading_assignments a
      JOIN reader_studies s ON s.id = a.reader_study_id
      ${joinFirstPeriod}
      -- One look-up a case: an EXISTS is planned as a walk over the readings of all studies.
      LEFT JOIN LATERAL (SELECT TRUE AS is_started FROM readings r WHERE r.assignment_id = a.id LIMIT 1) begun ON TRUE
      WHERE a.reader_study_id = ${key.readerStudyId}::uuid AND a.reader_id = ${key.readerId}::uuid
        AND a.submitted_at IS NULL ${except}
    ) AS open
    ORDER BY available_at IS NULL, available_at > ${now}, is_started DESC,
      CASE WHEN available_at > ${now} THEN available_at END, position
    LIMIT 1`;
  if (row === undefined || row.available_at === null) return undefined;
  const mayRead = row.available_at <= now;
  return {
    assignmentId: mayRead ? row.id : null,
    position: row.position,
    isStarted: row.is_started,
    continuesAt: mayRead ? null : row.available_at,
  };
}
