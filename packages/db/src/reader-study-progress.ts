import { DomainError } from "@crossread/contracts/errors";
import type { Condition } from "@crossread/contracts/reading";
import type { Participation, ReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { Split } from "@crossread/contracts/split";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import { availableAt, joinFirstPeriod } from "./next-assignment.ts";
import { fromAllocationRow } from "./reader-study-plan.ts";
import { isInScope, type SiteScope } from "./site-scope.ts";
import { fromSplitRow } from "./split-row.ts";

export interface ReaderProgress {
  readonly readerId: string;
  readonly readerName: string;
  readonly participation: Participation;
  readonly groupIndex: number | null;
  readonly reason: string | null;
  readonly caseCount: number;
  readonly submittedCount: number;
  /** One entry a period. */
  readonly periods: readonly { readonly readingCount: number; readonly submittedCount: number }[];
  /** Median over submitted cases of the time of all their steps. */
  readonly medianDurationMs: number | null;
  readonly lastActiveAt: Date | null;
  /** When the washout of the next case is over; null where something may be read now, or nothing is left. */
  readonly continuesAt: Date | null;
}

export interface ReaderStudyView {
  readonly readerStudyId: string;
  readonly name: string;
  readonly state: "draft" | "open" | "closed";
  readonly cohortId: string;
  readonly cohortName: string;
  readonly checkpointId: string;
  readonly checkpointName: string;
  readonly split: Split | null;
  readonly caseLimit: number | null;
  readonly seed: number;
  readonly settings: ReaderStudySettings;
  readonly createdAt: Date;
  readonly openedAt: Date | null;
  readonly closedAt: Date | null;
  readonly cases: {
    readonly caseCount: number;
    /** Null for a caller who still has to read one of the cases blind. */
    readonly malignantCount: number | null;
    readonly sites: readonly { readonly siteName: string; readonly caseCount: number }[];
  } | null;
  readonly readingCount: number;
  readonly submittedCount: number;
  /** Null for those who oversee single sites: who reads is not theirs to know before the results. */
  readonly readers: readonly ReaderProgress[] | null;
}

/** A study as its planners see it; whoever oversees sites only gets its totals, and no draft. */
export async function loadReaderStudy(
  db: Database,
  query: {
    readonly readerStudyId: string;
    readonly viewerId: string;
    readonly scope: SiteScope;
    readonly now: Date;
  },
): Promise<ReaderStudyView> {
  const { readerStudyId, scope } = query;
  const study = await db.readerStudy.findUnique({
    where: { id: readerStudyId },
    include: { cohort: { select: { name: true } }, checkpoint: { select: { name: true } } },
  });
  const sites = await loadSites(db, readerStudyId);
  const isSeen =
    scope === "all" ||
    (study?.state !== "draft" && sites.some(({ site_id: siteId }) => isInScope(scope, siteId)));
  if (study === null || !isSeen) {
    throw new DomainError(
      "not-found",
      `There is no reader study ${readerStudyId} with a case of your sites.`,
    );
  }
  const [readers, pendingCount] = await Promise.all([
    loadReaders(db, query),
    db.case.count({
      where: { assignments: { some: { readerStudyId } }, NOT: whereNotPendingFor(query.viewerId) },
    }),
  ]);
  const sum = (value: (reader: ReaderProgress) => number) =>
    readers.reduce((total, reader) => total + value(reader), 0);
  return {
    readerStudyId,
    name: study.name,
    state: study.state,
    cohortId: study.cohortId,
    cohortName: study.cohort.name,
    checkpointId: study.checkpointId,
    checkpointName: study.checkpoint.name,
    split: study.split === null ? null : fromSplitRow(study.split),
    caseLimit: study.caseLimit,
    seed: study.seed,
    settings: {
      design: study.design,
      allocation: fromAllocationRow(study.allocation),
      groupCount: study.groupCount,
      washoutDays: study.washoutDays,
      sessionMinutes: study.sessionMinutes,
      breakAfterMinutes: study.breakAfterMinutes,
      breakMinutes: study.breakMinutes,
    },
    createdAt: study.createdAt,
    openedAt: study.openedAt,
    closedAt: study.closedAt,
    cases:
      scope === "all"
        ? {
            caseCount: sites.reduce((total, site) => total + site.case_count, 0),
            malignantCount:
              pendingCount > 0 ? null : sites.reduce((total, site) => total + site.malignant_count, 0),
            sites: sites.map((site) => ({ siteName: site.name, caseCount: site.case_count })),
          }
        : null,
    readingCount: sum((reader) => (hasEnded(reader) ? reader.submittedCount : reader.caseCount)),
    submittedCount: sum((reader) => reader.submittedCount),
    readers: scope === "all" ? readers : null,
  };
}

const hasEnded = ({ participation }: ReaderProgress) =>
  participation === "declined" || participation === "withdrawn";

async function loadSites(db: Database, readerStudyId: string) {
  return db.$queryRaw<{ site_id: string; name: string; case_count: number; malignant_count: number }[]>`
    SELECT c.site_id, sites.name, count(*)::int AS case_count,
      count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM reference_standards f
        WHERE f.case_id = c.id AND f.superseded_at IS NULL AND f.finding = 'malignant'
      ))::int AS malignant_count
    FROM cases c JOIN sites ON sites.id = c.site_id
    WHERE c.id IN (SELECT a.case_id FROM reading_assignments a WHERE a.reader_study_id = ${readerStudyId}::uuid)
    GROUP BY c.site_id, sites.name ORDER BY sites.name`;
}

async function loadReaders(
  db: Database,
  query: { readonly readerStudyId: string; readonly now: Date },
): Promise<ReaderProgress[]> {
  const rows = await db.$queryRaw<
    {
      reader_id: string;
      reader_name: string;
      participation: Participation;
      group_index: number | null;
      reason: string | null;
      first_count: number;
      first_submitted: number;
      second_count: number;
      second_submitted: number;
      median_duration_ms: number | null;
      last_active_at: Date | null;
      available_at: Date | null;
    }[]
  >`
    SELECT p.reader_id, u.name AS reader_name, p.participation::text AS participation, p.group_index, p.reason,
      count(a.id) FILTER (WHERE a.period = 1)::int AS first_count,
      count(a.submitted_at) FILTER (WHERE a.period = 1)::int AS first_submitted,
      count(a.id) FILTER (WHERE a.period = 2)::int AS second_count,
      count(a.submitted_at) FILTER (WHERE a.period = 2)::int AS second_submitted,
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY done.duration_ms)
        FILTER (WHERE a.submitted_at IS NOT NULL))::float8 AS median_duration_ms,
      max(done.last_at) AS last_active_at,
      min(${availableAt}) FILTER (WHERE a.submitted_at IS NULL) AS available_at
    FROM reader_study_readers p
    JOIN users u ON u.id = p.reader_id
    JOIN reader_studies s ON s.id = p.reader_study_id
    LEFT JOIN reading_assignments a ON a.reader_study_id = p.reader_study_id AND a.reader_id = p.reader_id
    ${joinFirstPeriod}
    LEFT JOIN (
      SELECT r.assignment_id, sum(r.duration_ms) AS duration_ms,
        max(coalesce(r.locked_at, r.started_at)) AS last_at
      FROM readings r JOIN reading_assignments own ON own.id = r.assignment_id
      WHERE own.reader_study_id = ${query.readerStudyId}::uuid
      GROUP BY r.assignment_id
    ) done ON done.assignment_id = a.id
    WHERE p.reader_study_id = ${query.readerStudyId}::uuid
    GROUP BY p.reader_id, u.name, p.participation, p.group_index, p.reason
    ORDER BY u.name, p.reader_id`;
  return rows.map((row) => ({
    readerId: row.reader_id,
    readerName: row.reader_name,
    participation: row.participation,
    groupIndex: row.group_index,
    reason: row.reason,
    caseCount: row.first_count + row.second_count,
    submittedCount: row.first_submitted + row.second_submitted,
    periods: [
      { readingCount: row.first_count, submittedCount: row.first_submitted },
      ...(row.second_count === 0
        ? []
        : [{ readingCount: row.second_count, submittedCount: row.second_submitted }]),
    ],
    medianDurationMs: row.median_duration_ms,
    lastActiveAt: row.last_active_at,
    continuesAt: row.available_at !== null && row.available_at > query.now ? row.available_at : null,
  }));
}

export interface StepTime {
  readonly condition: Condition;
  readonly medianMs: number;
  readonly readingCount: number;
}

/** How long locked readings of any study took, of which the hours of a new one are estimated. */
export async function loadStepTimes(db: Database): Promise<StepTime[]> {
  const rows = await db.$queryRaw<{ condition: Condition; median_ms: number; reading_count: number }[]>`
    SELECT r.condition::text AS condition, count(*)::int AS reading_count,
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY r.duration_ms))::float8 AS median_ms
    FROM readings r WHERE r.locked_at IS NOT NULL AND r.duration_ms > 0
    GROUP BY r.condition`;
  return rows.map((row) => ({
    condition: row.condition,
    medianMs: row.median_ms,
    readingCount: row.reading_count,
  }));
}
