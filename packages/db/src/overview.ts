import { trainingPlanSchema } from "@crossread/contracts/training-plan";
import type { Database } from "./database.ts";
import type { RunState, ValidationState } from "./generated/enums.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";
import { pendingAssignmentOf } from "./blinding.ts";

export interface ReadingTask {
  readonly readerStudyId: string;
  readonly name: string;
  /** Nothing of it can be read before the reader accepts. */
  readonly isInvitation: boolean;
  readonly openCount: number;
  readonly totalCount: number;
}

/** What waits for one reader in studies that are open. */
export async function listReadingTasks(db: Database, readerId: string): Promise<ReadingTask[]> {
  const studies = await db.readerStudy.findMany({
    where: { state: "open", readers: { some: { readerId, participation: { in: ["invited", "accepted"] } } } },
    orderBy: { createdAt: "asc" },
    select: {
      id: true,
      name: true,
      readers: { where: { readerId }, select: { participation: true } },
      _count: { select: { assignments: { where: { readerId } } } },
    },
  });
  return Promise.all(
    studies.map(async (study) => ({
      readerStudyId: study.id,
      name: study.name,
      isInvitation: study.readers.some(({ participation }) => participation === "invited"),
      totalCount: study._count.assignments,
      openCount: await db.readingAssignment.count({
        where: { ...pendingAssignmentOf(readerId), readerStudyId: study.id },
      }),
    })),
  );
}

export interface SiteTasks {
  readonly openRefusedFileCount: number;
  readonly caseWithoutReferenceCount: number;
}

/** What waits for those who keep the data of the sites in scope. */
export async function countSiteTasks(db: Database, scope: SiteScope): Promise<SiteTasks> {
  const [openRefusedFileCount, caseWithoutReferenceCount] = await Promise.all([
    db.refusedFile.count({ where: { siteId: whereSite(scope), resolvedAt: null, dismissedAt: null } }),
    db.case.count({
      where: { siteId: whereSite(scope), referenceStandards: { none: { supersededAt: null } } },
    }),
  ]);
  return { openRefusedFileCount, caseWithoutReferenceCount };
}

export interface RunningWork {
  readonly runs: readonly {
    runId: string;
    name: string;
    state: RunState;
    roundNumber: number;
    roundCount: number;
  }[];
  readonly validations: readonly { validationRoundId: string; name: string; state: ValidationState }[];
}

export async function listRunningWork(db: Database): Promise<RunningWork> {
  const [runs, validations] = await Promise.all([
    db.trainingRun.findMany({
      where: { state: { in: ["queued", "preparing", "running", "cancelling"] } },
      orderBy: { createdAt: "desc" },
      take: 10,
      select: {
        id: true,
        name: true,
        state: true,
        plan: true,
        rounds: { orderBy: { number: "desc" }, take: 1, select: { number: true } },
      },
    }),
    db.validationRound.findMany({
      where: { state: { in: ["draft", "running", "reading", "adjudication"] } },
      orderBy: { createdAt: "desc" },
      take: 10,
      select: { id: true, name: true, state: true },
    }),
  ]);
  return {
    runs: runs.map((run) => ({
      runId: run.id,
      name: run.name,
      state: run.state,
      roundNumber: run.rounds[0]?.number ?? 0,
      roundCount: trainingPlanSchema.parse(run.plan).rounds,
    })),
    validations: validations.map(({ id, ...round }) => ({ validationRoundId: id, ...round })),
  };
}

export interface Publication {
  readonly validationRoundId: string;
  readonly name: string;
  readonly cohortName: string;
  readonly publishedAt: Date;
}

export async function findLatestPublication(db: Database): Promise<Publication | undefined> {
  const round = await db.validationRound.findFirst({
    where: { publishedAt: { not: null } },
    orderBy: { publishedAt: "desc" },
    select: { id: true, name: true, publishedAt: true, cohort: { select: { name: true } } },
  });
  if (round === null || round.publishedAt === null) return undefined;
  return {
    validationRoundId: round.id,
    name: round.name,
    cohortName: round.cohort.name,
    publishedAt: round.publishedAt,
  };
}
