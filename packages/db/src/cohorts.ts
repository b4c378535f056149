import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { pendingCaseIds } from "./blinding.ts";
import type { Database } from "./database.ts";
import { Prisma } from "./generated/client.ts";

/** Counts of one split at one site; a subject is malignant if any of its breasts is. */
export interface SplitBalance {
  readonly siteId: string;
  readonly split: Split;
  readonly subjectCount: number;
  /** Null for a viewer who still has to read or arbitrate one of the cases. */
  readonly malignantSubjectCount: number | null;
  readonly caseCount: number;
  readonly imageCount: number;
}

export interface CohortSummary {
  readonly cohortId: string;
  readonly name: string;
  readonly purpose: string;
  readonly seed: number;
  readonly digest: string | null;
  readonly frozenAt: Date | null;
  readonly createdAt: Date;
  readonly creatorName: string | null;
  readonly subjectCount: number;
  readonly caseCount: number;
}

const summarySelect = {
  id: true,
  name: true,
  purpose: true,
  seed: true,
  digest: true,
  frozenAt: true,
  createdAt: true,
  creator: { select: { name: true } },
  _count: { select: { subjects: true, cases: true } },
} as const;

interface SummaryRecord {
  id: string;
  name: string;
  purpose: string;
  seed: number;
  digest: string | null;
  frozenAt: Date | null;
  createdAt: Date;
  creator: { name: string } | null;
  _count: { subjects: number; cases: number };
}

function toSummary({ id, creator, _count: counts, ...cohort }: SummaryRecord): CohortSummary {
  return {
    cohortId: id,
    ...cohort,
    creatorName: creator?.name ?? null,
    subjectCount: counts.subjects,
    caseCount: counts.cases,
  };
}

export async function listCohorts(db: Database): Promise<CohortSummary[]> {
  const cohorts = await db.cohort.findMany({ orderBy: { createdAt: "desc" }, select: summarySelect });
  return cohorts.map(toSummary);
}

export interface CohortDetail extends CohortSummary {
  readonly balances: readonly SplitBalance[];
}

export async function loadCohort(db: Database, cohortId: string, viewerId?: string): Promise<CohortDetail> {
  const isBlind =
    viewerId === undefined ? Prisma.sql`false` : Prisma.sql`c.case_id IN (${pendingCaseIds(viewerId)})`;
  const cohort = await db.cohort.findUnique({ where: { id: cohortId }, select: summarySelect });
  if (cohort === null) throw new DomainError("not-found", `There is no cohort ${cohortId}.`);
  const rows = await db.$queryRaw<
    {
      siteId: string;
      split: Split;
      subjectCount: number;
      malignantSubjectCount: number | null;
      caseCount: number;
      imageCount: number;
    }[]
  >`
    SELECT s.site_id AS "siteId", s.split::text AS split,
      count(DISTINCT s.subject_id)::int AS "subjectCount",
      CASE WHEN bool_or(${isBlind}) THEN NULL ELSE
        (count(DISTINCT s.subject_id) FILTER (WHERE EXISTS (
          SELECT 1 FROM reference_standards r WHERE r.case_id = c.case_id
            AND r.superseded_at IS NULL AND r.finding = 'malignant')))::int END AS "malignantSubjectCount",
      count(c.case_id)::int AS "caseCount",
      coalesce(sum((SELECT count(*) FROM instances i WHERE i.case_id = c.case_id)), 0)::int AS "imageCount"
    FROM cohort_subjects s
    LEFT JOIN cohort_cases c ON c.cohort_id = s.cohort_id AND c.subject_id = s.subject_id
    WHERE s.cohort_id = ${cohortId}::uuid
    GROUP BY s.site_id, s.split
    ORDER BY s.site_id, s.split`;
  return { ...toSummary(cohort), balances: rows };
}

/** For whatever is said of a cohort by rows that may be absent: of none there is nothing to say. */
export async function assertCohortExists(db: Database, cohortId: string): Promise<void> {
  if ((await db.cohort.count({ where: { id: cohortId } })) > 0) return;
  throw new DomainError("not-found", `There is no cohort ${cohortId}.`);
}
