import type { ReaderStudyDesign } from "@crossread/contracts/reader-study-settings";
import { DomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";
import { findNextAssignment } from "./next-assignment.ts";
import { loadReadingSession } from "./reading-sessions.ts";

export interface ReadingWorkList {
  readonly readerStudyId: string;
  readonly name: string;
  /** Nothing can be read before an invitation is accepted. */
  readonly participation: "invited" | "accepted";
  readonly design: ReaderStudyDesign;
  readonly washoutDays: number;
  readonly sessionMinutes: number;
  readonly breakMinutes: number;
  /** Readings of a case: in a crossover each case counts twice. */
  readonly caseCount: number;
  readonly submittedCount: number;
  /** Whether the next case was opened before and holds a draft. */
  readonly isNextStarted: boolean;
  /** What is read next; null when all are submitted or nothing may be read now. */
  readonly nextAssignmentId: string | null;
  /** Why nothing may be read now, and until when. */
  readonly pause: { readonly reason: "session" | "washout"; readonly continuesAt: Date } | null;
  readonly medianDurationMs: number | null;
}

/** The open reader studies of one reader and those that they are invited to: names and counts, nothing about the cases. */
export async function listReadingWorkLists(
  db: Database,
  readerId: string,
  now: Date,
): Promise<ReadingWorkList[]> {
  const rows = await db.$queryRaw<
    {
      reader_study_id: string;
      name: string;
      participation: "invited" | "accepted";
      design: ReaderStudyDesign;
      washout_days: number;
      session_minutes: number;
      break_after_minutes: number;
      break_minutes: number;
      case_count: number;
      submitted_count: number;
      median_duration_ms: number | null;
    }[]
  >`
    SELECT s.id AS reader_study_id, s.name, p.participation::text AS participation, s.design::text AS design,
      s.washout_days, s.session_minutes, s.break_after_minutes, s.break_minutes,
      count(a.id)::int AS case_count,
      count(a.submitted_at)::int AS submitted_count,
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY spent.duration_ms)
        FILTER (WHERE a.submitted_at IS NOT NULL))::float8 AS median_duration_ms
    FROM reader_study_readers p
    JOIN reader_studies s ON s.id = p.reader_study_id AND s.state = 'open'
    LEFT JOIN reading_assignments a ON a.reader_study_id = p.reader_study_id AND a.reader_id = p.reader_id
    -- Looked up case by case: joined, it is a walk over the readings of all studies.
    LEFT JOIN LATERAL (
      SELECT sum(r.duration_ms) AS duration_ms FROM readings r WHERE r.assignment_id = a.id OFFSET 0
    ) spent ON a.submitted_at IS NOT NULL
    WHERE p.reader_id = ${readerId}::uuid AND p.participation IN ('invited', 'accepted')
    GROUP BY s.id, p.participation
    ORDER BY p.participation, s.created_at`;
  return Promise.all(
    rows.map(async (row): Promise<ReadingWorkList> => {
      const list = {
        readerStudyId: row.reader_study_id,
        name: row.name,
        participation: row.participation,
        design: row.design,
        washoutDays: row.washout_days,
        sessionMinutes: row.session_minutes,
        breakMinutes: row.break_minutes,
        caseCount: row.case_count,
        submittedCount: row.submitted_count,
        medianDurationMs: row.median_duration_ms,
      };
      const idle = { isNextStarted: false, nextAssignmentId: null, pause: null };
      if (row.participation === "invited") return { ...list, ...idle };
      const settings = { ...list, breakAfterMinutes: row.break_after_minutes };
      const [next, session] = await Promise.all([
        findNextAssignment(db, { readerStudyId: row.reader_study_id, readerId, now }),
        loadReadingSession(db, { readerId, settings, now }),
      ]);
      if (next === undefined) return { ...list, ...idle };
      if (next.continuesAt !== null) {
        return { ...list, ...idle, pause: { reason: "washout", continuesAt: next.continuesAt } };
      }
      if (session.isOver && !next.isStarted) {
        return { ...list, ...idle, pause: { reason: "session", continuesAt: session.continuesAt } };
      }
      return {
        ...list,
        isNextStarted: next.isStarted,
        nextAssignmentId: next.assignmentId,
        pause: null,
      };
    }),
  );
}

/** How long the caller has been reading, by the rules of a study that they read or arbitrate in. */
export async function loadOwnReadingSession(
  db: Database,
  key: { readonly readerStudyId: string; readonly readerId: string; readonly now: Date },
) {
  const settings = await db.readerStudy.findFirst({
    where: {
      id: key.readerStudyId,
      OR: [
        { readers: { some: { readerId: key.readerId, participation: "accepted" } } },
        {
          arbitrationQueue: {
            arbitrations: { some: { arbitratorId: key.readerId, supersededAt: null } },
          },
        },
      ],
    },
    select: { sessionMinutes: true, breakAfterMinutes: true, breakMinutes: true },
  });
  if (settings === null) {
    throw new DomainError("not-found", `You read in no reader study ${key.readerStudyId}.`);
  }
  return loadReadingSession(db, { ...key, settings });
}
