import { DomainError } from "@crossread/contracts/errors";
import {
  readerStudyAnalysisSchema,
  type ReaderStudyAnalysis,
} from "@crossread/contracts/reader-study-analysis";
import { whereNotPendingFor } from "./blinding.ts";
import type { Database } from "./database.ts";
import type { JobState } from "./background-jobs.ts";
import { toJsonColumn } from "./json-column.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface ClosedReaderStudy {
  readonly readerStudyId: string;
  readonly name: string;
  readonly cohortName: string;
  readonly checkpointName: string;
  readonly readerNames: Readonly<Record<string, string>>;
}

/**
 * A study whose results may be seen: before it is closed, the answers of one reader could reach another.
 *
 * @throws {DomainError} "not-found" where there is none with a case in scope; "conflict" while it is not closed, or while
 *   the viewer still has to read or arbitrate a case of it: figures over all cases would tell of that one
 */
export async function openClosedReaderStudy(
  db: Database,
  readerStudyId: string,
  viewer: { readonly userId: string; readonly scope: SiteScope },
): Promise<ClosedReaderStudy> {
  const [study, caseInScope, pendingCount, readers] = await Promise.all([
    db.readerStudy.findUnique({
      where: { id: readerStudyId },
      select: {
        name: true,
        state: true,
        cohort: { select: { name: true } },
        checkpoint: { select: { name: true } },
      },
    }),
    db.readingAssignment.findFirst({
      where: { readerStudyId, case: { siteId: whereSite(viewer.scope) } },
      select: { id: true },
    }),
    db.case.count({
      where: { assignments: { some: { readerStudyId } }, NOT: whereNotPendingFor(viewer.userId) },
    }),
    db.user.findMany({
      where: { assignments: { some: { readerStudyId } } },
      select: { id: true, name: true },
    }),
  ]);
  if (study === null || caseInScope === null) {
    throw new DomainError(
      "not-found",
      `There is no reader study ${readerStudyId} with a case of your sites.`,
    );
  }
  if (study.state !== "closed") {
    throw new DomainError(
      "conflict",
      `Results are shown once a reader study is closed, but "${study.name}" is ${study.state}.`,
    );
  }
  if (pendingCount > 0) {
    throw new DomainError(
      "conflict",
      `${pendingCount} cases of "${study.name}" wait for your own reading or arbitration: its results are shown after that.`,
    );
  }
  return {
    readerStudyId,
    name: study.name,
    cohortName: study.cohort.name,
    checkpointName: study.checkpoint.name,
    readerNames: Object.fromEntries(readers.map(({ id, name }) => [id, name])),
  };
}

/** Raised when the same inputs give other results: every stored analysis is then out of date. */
const analysisVersion = 4;

/**
 * SHA-256 over all that an analysis is computed from: assignments, locked readings (which never change), reference standards
 * and lesion marks in force, scores and maps of the checkpoint, and the evaluation that holds its operating point.
 */
export async function digestReaderStudyInputs(db: Database, readerStudyId: string): Promise<string> {
  const [row] = await db.$queryRaw<{ digest: string }[]>`
    WITH study AS (SELECT id, checkpoint_id, cohort_id FROM reader_studies WHERE id = ${readerStudyId}::uuid),
    assigned AS (SELECT a.id, a.reader_id, a.case_id FROM reading_assignments a JOIN study s ON s.id = a.reader_study_id),
    images AS (SELECT i.id FROM instances i WHERE i.case_id IN (SELECT case_id FROM assigned)),
    parts AS (
      SELECT 'a' || id || reader_id || case_id AS part FROM assigned
      UNION ALL SELECT 'r' || r.id || r.version FROM readings r JOIN assigned a ON a.id = r.assignment_id
        WHERE r.locked_at IS NOT NULL
      UNION ALL SELECT 's' || rs.id FROM reference_standards rs
        WHERE rs.case_id IN (SELECT case_id FROM assigned) AND rs.superseded_at IS NULL
      UNION ALL SELECT 'l' || n.id FROM annotations n JOIN images i ON i.id = n.instance_id
        WHERE n.source = 'reference' AND n.superseded_at IS NULL
      UNION ALL SELECT 'm' || m.id || m.blob_key FROM saliency_maps m JOIN images i ON i.id = m.instance_id
        JOIN study s ON s.checkpoint_id = m.checkpoint_id
      UNION ALL SELECT 'p' || p.id FROM predictions p JOIN images i ON i.id = p.instance_id
        JOIN study s ON s.checkpoint_id = p.checkpoint_id
      UNION ALL SELECT 'e' || e.id || (e.report #>> '{operatingPoint}') FROM evaluations e
        JOIN study s ON s.checkpoint_id = e.checkpoint_id AND s.cohort_id = e.cohort_id WHERE e.site_id IS NULL
    )
    SELECT encode(sha256(convert_to(
      ${String(analysisVersion)} || COALESCE(string_agg(part, ',' ORDER BY part), ''), 'UTF8')), 'hex') AS digest
    FROM parts`;
  return row?.digest ?? "";
}

export interface StoredAnalysis {
  readonly inputDigest: string;
  readonly codeVersion: string;
  readonly computedAt: Date;
  readonly durationMs: number;
  readonly analysis: ReaderStudyAnalysis;
}

/** An analysis of an earlier form counts as none: it is computed anew. */
export async function findReaderStudyAnalysis(
  db: Database,
  readerStudyId: string,
): Promise<StoredAnalysis | undefined> {
  const row = await db.readerStudyAnalysis.findUnique({ where: { readerStudyId } });
  const parsed = row === null ? undefined : readerStudyAnalysisSchema.safeParse(row.report);
  if (row === null || parsed?.success !== true) return undefined;
  const { codeVersion, computedAt, durationMs, inputDigest } = row;
  return { inputDigest, codeVersion, computedAt, durationMs, analysis: parsed.data };
}

export async function storeReaderStudyAnalysis(
  db: Database,
  readerStudyId: string,
  stored: StoredAnalysis,
): Promise<void> {
  const { analysis, ...rest } = stored;
  const data = { ...rest, report: toJsonColumn(analysis) };
  await db.readerStudyAnalysis.upsert({
    where: { readerStudyId },
    create: { readerStudyId, ...data },
    update: data,
  });
}

export const analysisJobId = (readerStudyId: string): string => `reader-study.${readerStudyId}`;

export interface AnalysisProgress {
  readonly state: JobState;
  readonly progress: number;
  readonly message: string;
}

export async function findAnalysisProgress(
  db: Database,
  readerStudyId: string,
): Promise<AnalysisProgress | undefined> {
  const row = await db.backgroundJob.findUnique({
    where: { id: analysisJobId(readerStudyId) },
    select: { state: true, progress: true, message: true },
  });
  return row ?? undefined;
}

/**
 * Closed studies that have no analysis, or whose labels, lesion marks or maps were touched after it. One that failed waits
 * for a person.
 */
export async function listUnanalysedStudies(db: Database): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM reader_studies s
    LEFT JOIN reader_study_analyses y ON y.reader_study_id = s.id
    WHERE s.state = 'closed'
      AND NOT EXISTS (SELECT 1 FROM background_jobs b WHERE b.id = 'reader-study.' || s.id AND b.state = 'failed')
      AND (y.reader_study_id IS NULL OR EXISTS (
        SELECT 1 FROM reading_assignments a JOIN cases c ON c.id = a.case_id
        WHERE a.reader_study_id = s.id AND (
          EXISTS (SELECT 1 FROM reference_standards r WHERE r.case_id = c.id
            AND GREATEST(r.created_at, COALESCE(r.superseded_at, r.created_at)) > y.computed_at)
          OR EXISTS (SELECT 1 FROM instances i JOIN annotations n ON n.instance_id = i.id WHERE i.case_id = c.id
            AND n.source = 'reference'
            AND GREATEST(n.created_at, COALESCE(n.superseded_at, n.created_at)) > y.computed_at)
          OR EXISTS (SELECT 1 FROM instances i JOIN saliency_maps m ON m.instance_id = i.id
            AND m.checkpoint_id = s.checkpoint_id WHERE i.case_id = c.id AND m.created_at > y.computed_at)
        )))`;
  return rows.map(({ id }) => id);
}
