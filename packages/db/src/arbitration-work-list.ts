import type { Database } from "./database.ts";
import { loadReadingSession, type SessionSettings } from "./reading-sessions.ts";

/** The session of the study is over: the next case opens after the break. */
export interface SessionPause {
  readonly reason: "session";
  readonly continuesAt: Date;
}

export interface ArbitrationWorkList {
  readonly queueId: string;
  readonly readerStudyName: string;
  readonly caseCount: number;
  readonly decidedCount: number;
  readonly isNextStarted: boolean;
  /** First case in the arbitrator's order that is not decided; null when all are, or none may be opened now. */
  readonly nextArbitrationId: string | null;
  /** Why none may be opened now, and until when. */
  readonly pause: SessionPause | null;
  readonly medianDurationMs: number | null;
}

/** The queues of one arbitrator: names and counts, nothing about the cases. */
export async function listArbitrationWorkLists(
  db: Database,
  arbitratorId: string,
  now: Date,
): Promise<ArbitrationWorkList[]> {
  const rows = await db.$queryRaw<(Omit<ArbitrationWorkList, "pause"> & SessionSettings)[]>`
    SELECT q.id AS "queueId", s.name AS "readerStudyName", count(*)::int AS "caseCount",
      count(a.decided_at)::int AS "decidedCount",
      (array_agg(a.id ORDER BY a.position) FILTER (WHERE a.decided_at IS NULL))[1] AS "nextArbitrationId",
      COALESCE((array_agg(r.started ORDER BY a.position) FILTER (WHERE a.decided_at IS NULL))[1], false)
        AS "isNextStarted",
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY r.duration_ms) FILTER (WHERE a.decided_at IS NOT NULL))::float8
        AS "medianDurationMs",
      s.session_minutes AS "sessionMinutes", s.break_after_minutes AS "breakAfterMinutes",
      s.break_minutes AS "breakMinutes"
    FROM arbitrations a
    JOIN arbitration_queues q ON q.id = a.queue_id
    JOIN reader_studies s ON s.id = q.reader_study_id
    CROSS JOIN LATERAL (
      SELECT count(*) > 0 AS started, sum(duration_ms) AS duration_ms
      FROM arbitration_readings WHERE arbitration_id = a.id
    ) r
    WHERE a.arbitrator_id = ${arbitratorId}::uuid AND a.superseded_at IS NULL
    GROUP BY q.id, s.id, q.opened_at
    ORDER BY q.opened_at`;
  return Promise.all(
    rows.map(async ({ sessionMinutes, breakAfterMinutes, breakMinutes, ...list }) => {
      const settings = { sessionMinutes, breakAfterMinutes, breakMinutes };
      const session = await loadReadingSession(db, { readerId: arbitratorId, settings, now });
      return session.isOver && !list.isNextStarted && list.nextArbitrationId !== null
        ? { ...list, nextArbitrationId: null, pause: { reason: "session", continuesAt: session.continuesAt } }
        : { ...list, pause: null };
    }),
  );
}
