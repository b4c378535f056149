import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import type { Database, Transaction } from "./database.ts";
import { drawCases, shuffleForReader } from "./reader-case-draw.ts";
import { toSplitRow } from "./split-row.ts";

export interface ReaderStudyPlan {
  readonly name: string;
  readonly cohortId: string;
  readonly checkpointId: string;
  readonly split: Split;
  readonly readerIds: readonly string[];
  /** At most this many cases, drawn in turn from the strata site × reference finding. */
  readonly caseLimit: number;
  readonly seed: number;
  readonly createdBy: string | null;
}

/** Opens a sequential reader study: every reader gets every drawn case, in an order of their own. */
export async function createReaderStudy(
  db: Database,
  plan: ReaderStudyPlan,
): Promise<{ readerStudyId: string; caseCount: number }> {
  assertPlan(plan);
  return db.$transaction(async (tx) => {
    const cases = await loadDrawableCases(tx, plan);
    const caseIds = drawCases(cases, plan.caseLimit, plan.seed);
    const drawn = new Set(caseIds);
    await assertReaders(
      tx,
      plan.readerIds,
      new Set(cases.filter((drawable) => drawn.has(drawable.caseId)).map((drawable) => drawable.siteId)),
    );
    const study = await tx.readerStudy.create({
      data: {
        name: plan.name,
        cohortId: plan.cohortId,
        checkpointId: plan.checkpointId,
        seed: plan.seed,
        state: "open",
        createdBy: plan.createdBy,
      },
      select: { id: true },
    });
    for (const [readerIndex, readerId] of plan.readerIds.entries()) {
      const order = shuffleForReader(caseIds, plan.seed, readerIndex);
      await tx.readingAssignment.createMany({
        data: order.map((caseId, position) => ({ readerStudyId: study.id, readerId, caseId, position })),
      });
    }
    return { readerStudyId: study.id, caseCount: caseIds.length };
  });
}

function assertPlan(plan: ReaderStudyPlan): void {
  if (plan.readerIds.length === 0) {
    throw new DomainError("plan-invalid", "A reader study needs at least one reader, but none was given.");
  }
  if (new Set(plan.readerIds).size !== plan.readerIds.length) {
    throw new DomainError(
      "plan-invalid",
      "A reader study names every reader once, but a reader was given twice.",
    );
  }
  if (!Number.isInteger(plan.caseLimit) || plan.caseLimit < 1) {
    throw new DomainError(
      "plan-invalid",
      `A reader study needs a case limit of at least 1, but got ${plan.caseLimit}.`,
    );
  }
}

async function loadDrawableCases(tx: Transaction, plan: ReaderStudyPlan) {
  const cohort = await tx.cohort.findUnique({
    where: { id: plan.cohortId },
    select: { name: true, frozenAt: true },
  });
  if (cohort === null) throw new DomainError("not-found", `There is no cohort ${plan.cohortId}.`);
  if (cohort.frozenAt === null) {
    throw new DomainError(
      "cohort-invalid",
      `A reader study needs a frozen cohort, but cohort "${cohort.name}" is not frozen.`,
    );
  }
  if ((await tx.checkpoint.count({ where: { id: plan.checkpointId } })) === 0) {
    throw new DomainError("not-found", `There is no checkpoint ${plan.checkpointId}.`);
  }
  const rows = await tx.cohortCase.findMany({
    where: {
      cohortId: plan.cohortId,
      split: toSplitRow(plan.split),
      case: {
        instances: {
          some: {},
          every: { predictions: { some: { checkpointId: plan.checkpointId } } },
        },
      },
    },
    select: {
      caseId: true,
      case: {
        select: {
          siteId: true,
          referenceStandards: { where: { supersededAt: null }, select: { finding: true } },
        },
      },
    },
  });
  if (rows.length === 0) {
    throw new DomainError(
      "cohort-invalid",
      `A reader study needs cases with a score of checkpoint ${plan.checkpointId} for every image, but split "${plan.split}" of cohort "${cohort.name}" has none.`,
    );
  }
  return rows.map((row) => {
    const isMalignant = row.case.referenceStandards.some((standard) => standard.finding === "malignant");
    return {
      caseId: row.caseId,
      siteId: row.case.siteId,
      stratum: `${row.case.siteId}/${isMalignant ? "malignant" : "benign"}`,
    };
  });
}

async function assertReaders(
  tx: Transaction,
  readerIds: readonly string[],
  siteIds: ReadonlySet<string>,
): Promise<void> {
  const readers = await tx.user.findMany({
    where: { id: { in: [...readerIds] }, disabledAt: null },
    select: { id: true, memberships: { where: { role: "radiologist" }, select: { siteId: true } } },
  });
  for (const readerId of readerIds) {
    const reader = readers.find((candidate) => candidate.id === readerId);
    if (reader === undefined) throw new DomainError("not-found", `There is no active user ${readerId}.`);
    const readable = new Set(reader.memberships.map((membership) => membership.siteId));
    const missing = [...siteIds].filter((siteId) => !readable.has(siteId));
    if (missing.length > 0) {
      throw new DomainError(
        "plan-invalid",
        `A reader must be radiologist at every site of the study, but user ${readerId} is not at ${missing.length} of ${siteIds.size}.`,
      );
    }
  }
}

export interface ReaderProgress {
  readonly readerId: string;
  readonly readerName: string;
  readonly caseCount: number;
  readonly submittedCount: number;
  /** Median over submitted cases of unaided + aided reading time. */
  readonly medianDurationMs: number | null;
}

export interface ReaderStudySummary {
  readonly readerStudyId: string;
  readonly name: string;
  readonly state: "draft" | "open" | "closed";
  readonly cohortName: string;
  readonly checkpointName: string;
  readonly seed: number;
  readonly createdAt: Date;
  readonly readers: readonly ReaderProgress[];
}

export async function listReaderStudies(db: Database): Promise<ReaderStudySummary[]> {
  const studies = await db.readerStudy.findMany({
    orderBy: { createdAt: "desc" },
    take: 200,
    select: {
      id: true,
      name: true,
      state: true,
      seed: true,
      createdAt: true,
      cohort: { select: { name: true } },
      checkpoint: { select: { name: true } },
    },
  });
  const progress = await db.$queryRaw<
    {
      reader_study_id: string;
      reader_id: string;
      reader_name: string;
      case_count: number;
      submitted_count: number;
      median_duration_ms: number | null;
    }[]
  >`
    SELECT a.reader_study_id, a.reader_id, u.name AS reader_name,
      count(*)::int AS case_count,
      count(aided.locked_at)::int AS submitted_count,
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY unaided.duration_ms + aided.duration_ms)
        FILTER (WHERE aided.locked_at IS NOT NULL))::float8 AS median_duration_ms
    FROM reading_assignments a
    JOIN users u ON u.id = a.reader_id
    LEFT JOIN readings unaided ON unaided.assignment_id = a.id AND unaided.condition = 'unaided'
    LEFT JOIN readings aided ON aided.assignment_id = a.id AND aided.condition = 'aided'
    GROUP BY a.reader_study_id, a.reader_id, u.name
    ORDER BY u.name, a.reader_id`;
  return studies.map((study) => ({
    readerStudyId: study.id,
    name: study.name,
    state: study.state,
    cohortName: study.cohort.name,
    checkpointName: study.checkpoint.name,
    seed: study.seed,
    createdAt: study.createdAt,
    readers: progress
      .filter((row) => row.reader_study_id === study.id)
      .map((row) => ({
        readerId: row.reader_id,
        readerName: row.reader_name,
        caseCount: row.case_count,
        submittedCount: row.submitted_count,
        medianDurationMs: row.median_duration_ms,
      })),
  }));
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

/** What the form of a new reader study offers: frozen cohorts, checkpoints, active radiologists. */
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

/** Ends a study: nothing more can be saved in it. */
export async function closeReaderStudy(db: Database, readerStudyId: string): Promise<void> {
  const { count } = await db.readerStudy.updateMany({
    where: { id: readerStudyId, state: "open" },
    data: { state: "closed" },
  });
  if (count === 0) {
    throw new DomainError("conflict", `Reader study ${readerStudyId} is not open, so it cannot be closed.`);
  }
}
