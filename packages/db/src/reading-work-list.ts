import type { Database } from "./database.ts";

export interface ReadingWorkList {
  readonly readerStudyId: string;
  readonly name: string;
  readonly caseCount: number;
  readonly submittedCount: number;
  /** Whether the next case was opened before and holds a draft. */
  readonly isNextStarted: boolean;
  /** First case in the reader's order that is not submitted; null when all are. */
  readonly nextAssignmentId: string | null;
  readonly medianDurationMs: number | null;
}

/** The open reader studies of one reader: names and counts, nothing about the cases. */
export async function listReadingWorkLists(db: Database, readerId: string): Promise<ReadingWorkList[]> {
  const rows = await db.$queryRaw<
    {
      reader_study_id: string;
      name: string;
      case_count: number;
      submitted_count: number;
      next_assignment_id: string | null;
      is_next_started: boolean | null;
      median_duration_ms: number | null;
    }[]
  >`
    SELECT s.id AS reader_study_id, s.name,
      count(*)::int AS case_count,
      count(aided.locked_at)::int AS submitted_count,
      (array_agg(a.id ORDER BY a.position) FILTER (WHERE aided.locked_at IS NULL))[1] AS next_assignment_id,
      (array_agg(unaided.id IS NOT NULL ORDER BY a.position) FILTER (WHERE aided.locked_at IS NULL))[1]
        AS is_next_started,
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY unaided.duration_ms + aided.duration_ms)
        FILTER (WHERE aided.locked_at IS NOT NULL))::float8 AS median_duration_ms
    FROM reading_assignments a
    JOIN reader_studies s ON s.id = a.reader_study_id AND s.state = 'open'
    LEFT JOIN readings unaided ON unaided.assignment_id = a.id AND unaided.condition = 'unaided'
    LEFT JOIN readings aided ON aided.assignment_id = a.id AND aided.condition = 'aided'
    WHERE a.reader_id = ${readerId}::uuid
    GROUP BY s.id, s.name, s.created_at
    ORDER BY s.created_at`;
  return rows.map((row) => ({
    readerStudyId: row.reader_study_id,
    name: row.name,
    caseCount: row.case_count,
    submittedCount: row.submitted_count,
    nextAssignmentId: row.next_assignment_id,
    isNextStarted: row.is_next_started ?? false,
    medianDurationMs: row.median_duration_ms,
  }));
}
