import type { ReaderStudyDesign, ReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { Split } from "@crossread/contracts/split";
import type { Database } from "./database.ts";
import { fromAllocationRow } from "./reader-study-plan.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";
import { toSplitRow } from "./split-row.ts";

export interface ReaderStudySummary {
  readonly readerStudyId: string;
  readonly name: string;
  readonly state: "draft" | "open" | "closed";
  readonly design: ReaderStudyDesign;
  readonly allocation: ReaderStudySettings["allocation"];
  readonly cohortName: string;
  readonly checkpointName: string;
  readonly createdAt: Date;
  readonly readerCount: number;
  readonly invitedCount: number;
  readonly caseCount: number;
  readonly readingCount: number;
  readonly submittedCount: number;
}

/** Studies with a case in scope, newest first: counts, neither names nor answers. A draft is its planners' own. */
export async function listReaderStudies(db: Database, scope: SiteScope): Promise<ReaderStudySummary[]> {
  const studies = await db.readerStudy.findMany({
    where:
      scope === "all"
        ? {}
        : { state: { not: "draft" }, assignments: { some: { case: { siteId: whereSite(scope) } } } },
    orderBy: { createdAt: "desc" },
    take: 200,
    select: {
      id: true,
      name: true,
      state: true,
      design: true,
      allocation: true,
      createdAt: true,
      cohort: { select: { name: true } },
      checkpoint: { select: { name: true } },
      readers: { select: { participation: true } },
    },
  });
  const ids = studies.map(({ id }) => id);
  const counts = await db.$queryRaw<
    { reader_study_id: string; case_count: number; reading_count: number; submitted_count: number }[]
  >`
    SELECT a.reader_study_id, count(DISTINCT a.case_id)::int AS case_count,
      count(*) FILTER (WHERE p.participation NOT IN ('declined', 'withdrawn') OR a.submitted_at IS NOT NULL)::int
        AS reading_count,
      count(a.submitted_at)::int AS submitted_count
    FROM reading_assignments a
    JOIN reader_study_readers p ON p.reader_study_id = a.reader_study_id AND p.reader_id = a.reader_id
    WHERE a.reader_study_id = ANY(${ids}::uuid[])
    GROUP BY a.reader_study_id`;
  return studies.map(({ id, allocation, cohort, checkpoint, readers, ...study }) => {
    const own = counts.find((row) => row.reader_study_id === id);
    const active = readers.filter(
      ({ participation }) => participation !== "declined" && participation !== "withdrawn",
    );
    return {
      ...study,
      readerStudyId: id,
      allocation: fromAllocationRow(allocation),
      cohortName: cohort.name,
      checkpointName: checkpoint.name,
      readerCount: active.length,
      invitedCount: active.filter(({ participation }) => participation === "invited").length,
      caseCount: own?.case_count ?? 0,
      readingCount: own?.reading_count ?? 0,
      submittedCount: own?.submitted_count ?? 0,
    };
  });
}

export interface ReaderStudyChoices {
  readonly cohorts: readonly {
    readonly cohortId: string;
    readonly name: string;
    readonly caseCounts: Readonly<Record<Split, number>>;
  }[];
  readonly checkpoints: readonly { readonly checkpointId: string; readonly name: string }[];
  readonly readers: readonly { readonly readerId: string; readonly name: string }[];
}

/** What the form of a reader study offers: frozen cohorts, checkpoints, active radiologists. */
export async function loadReaderStudyChoices(db: Database): Promise<ReaderStudyChoices> {
  const [cohorts, counts, checkpoints, readers] = await Promise.all([
    db.cohort.findMany({
      where: { frozenAt: { not: null } },
      orderBy: { createdAt: "desc" },
      select: { id: true, name: true },
    }),
    db.cohortCase.groupBy({ by: ["cohortId", "split"], _count: true }),
    db.checkpoint.findMany({
      orderBy: { createdAt: "desc" },
      take: 100,
      select: { id: true, name: true },
    }),
    db.user.findMany({
      where: { disabledAt: null, memberships: { some: { role: "radiologist" } } },
      orderBy: { name: "asc" },
      select: { id: true, name: true },
    }),
  ]);
  const countOf = (cohortId: string, split: Split) =>
    counts.find((row) => row.cohortId === cohortId && row.split === toSplitRow(split))?._count ?? 0;
  return {
    cohorts: cohorts.map((cohort) => ({
      cohortId: cohort.id,
      name: cohort.name,
      caseCounts: {
        train: countOf(cohort.id, "train"),
        tuning: countOf(cohort.id, "tuning"),
        "internal-test": countOf(cohort.id, "internal-test"),
        "external-test": countOf(cohort.id, "external-test"),
      },
    })),
    checkpoints: checkpoints.map((checkpoint) => ({ checkpointId: checkpoint.id, name: checkpoint.name })),
    readers: readers.map((reader) => ({ readerId: reader.id, name: reader.name })),
  };
}
