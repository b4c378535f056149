import type { Acquisition } from "@crossread/contracts/dataset-manifest";
import type { Membership } from "@crossread/contracts/role";
import type { Database } from "./database.ts";

export interface SeededSite {
  readonly code: string;
  readonly name: string;
  readonly colourIndex: number;
  readonly acquisition: Acquisition;
}

const toAcquisitionRow = (acquisition: Acquisition) =>
  acquisition === "film-digitised" ? "film_digitised" : acquisition;

/** Creates a site, or finds the one with this code as people have changed it since. */
export async function ensureSite(db: Database, site: SeededSite): Promise<{ siteId: string }> {
  await db.site.createMany({
    data: [{ ...site, acquisition: toAcquisitionRow(site.acquisition) }],
    skipDuplicates: true,
  });
  const row = await db.site.findUniqueOrThrow({ where: { code: site.code }, select: { id: true } });
  return { siteId: row.id };
}

export interface SeededUser {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: () => Promise<string>;
  readonly memberships: readonly Membership[];
}

/** Creates a demonstration account; one that is there already keeps its password and roles. */
export async function ensureDemoUser(db: Database, user: SeededUser): Promise<{ userId: string }> {
  const known = await db.user.findUnique({ where: { email: user.email }, select: { id: true } });
  if (known !== null) return { userId: known.id };
  const created = await db.user.create({
    data: {
      email: user.email,
      name: user.name,
      passwordHash: await user.passwordHash(),
      isDemo: true,
      memberships: { create: user.memberships.map(({ role, siteId }) => ({ role, siteId })) },
    },
    select: { id: true },
  });
  return { userId: created.id };
}

/** No image and no cohort: nothing that content generated later could mix with. */
export async function isPlatformEmpty(db: Database): Promise<boolean> {
  const [instances, cohorts] = await Promise.all([db.instance.count(), db.cohort.count()]);
  return instances === 0 && cohorts === 0;
}

/** What the demonstration has made so far, found again by name after a restart. */
export interface DemonstrationRows {
  readonly adminId: string | undefined;
  readonly readerIds: readonly string[];
  readonly cohortId: string | undefined;
  readonly isCohortFrozen: boolean;
  readonly runId: string | undefined;
  readonly validationRoundId: string | undefined;
  readonly hasReaderStudy: boolean;
}

export interface DemonstrationNames {
  readonly cohort: string;
  readonly run: string;
  readonly validation: string;
  readonly readerStudy: string;
  readonly readerEmails: readonly string[];
}

export async function findDemonstration(db: Database, names: DemonstrationNames): Promise<DemonstrationRows> {
  const admin = await db.user.findFirst({
    where: { disabledAt: null, memberships: { some: { role: "admin", siteId: null } } },
    orderBy: { createdAt: "asc" },
    select: { id: true },
  });
  const readers = await db.user.findMany({
    where: { email: { in: [...names.readerEmails] }, disabledAt: null },
    orderBy: { email: "asc" },
    select: { id: true },
  });
  const cohort = await db.cohort.findUnique({
    where: { name: names.cohort },
    select: { id: true, frozenAt: true },
  });
  const within = cohort === null ? undefined : { cohortId: cohort.id };
  const oldestFirst = { orderBy: { createdAt: "asc" }, select: { id: true } } as const;
  const [run, validation, study] =
    within === undefined
      ? [null, null, null]
      : await Promise.all([
          db.trainingRun.findFirst({ where: { ...within, name: names.run }, ...oldestFirst }),
          db.validationRound.findFirst({ where: { ...within, name: names.validation }, ...oldestFirst }),
          db.readerStudy.findFirst({ where: { ...within, name: names.readerStudy }, ...oldestFirst }),
        ]);
  return {
    adminId: admin?.id,
    readerIds: readers.map(({ id }) => id),
    cohortId: cohort?.id,
    isCohortFrozen: cohort !== null && cohort.frozenAt !== null,
    runId: run?.id,
    validationRoundId: validation?.id,
    hasReaderStudy: study !== null,
  };
}

/** Cases with a reference standard in force: what is missing is generated again. */
export async function countReferencedCases(db: Database, siteId: string): Promise<number> {
  return db.case.count({
    where: { siteId, referenceStandards: { some: { supersededAt: null } } },
  });
}

/** Checkpoints of a run by round: the initial one first. */
export async function listRunCheckpoints(
  db: Database,
  runId: string,
): Promise<{ checkpointId: string; roundNumber: number }[]> {
  const rows = await db.checkpoint.findMany({
    where: { runId },
    orderBy: { roundNumber: "asc" },
    select: { id: true, roundNumber: true },
  });
  return rows.map(({ id, roundNumber }) => ({ checkpointId: id, roundNumber }));
}
