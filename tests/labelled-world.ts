import { unknownBreast, type CaseLabels } from "@crossread/contracts/breast-label";
import type { Database } from "@crossread/db/database";
import { loadLabelStates } from "@crossread/db/label-state";
import { createReaderStudy } from "@crossread/db/reader-studies";
import { changeLabels } from "@crossread/db/reference-standards";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "./reading-world.ts";

export interface LabelledWorld extends ReaderStudyWorld {
  /** Keeps the labels of the first site. */
  readonly keeper: { readonly userId: string; readonly scope: readonly string[] };
  readonly siteId: string;
  /** A case of the first site without a malignant breast. */
  readonly caseId: string;
  readonly studyId: string;
}

export const cancer = { ...unknownBreast, finding: "malignant", source: "pathology", birads: "5" } as const;

/** A machine that does much else takes its time. */
const patience = { maxWait: 60_000, timeout: 60_000 };

/** Two sites in a database that is emptied before, so that a test finds only what it did itself. */
export async function seedLabelledWorld(db: Database, casesPerSite: number): Promise<LabelledWorld> {
  await db.$transaction(async (tx) => {
    // The append-only rule of the audit log is a trigger.
    await tx.$executeRaw`SET LOCAL session_replication_role = 'replica'`;
    await tx.$executeRaw`TRUNCATE sites, users, cohorts, checkpoints, audit_events CASCADE`;
  }, patience);
  const world = await seedReaderStudyWorld(db, { siteCount: 2, casesPerSite });
  const [siteId = ""] = world.siteIds;
  const [, caseId = ""] = world.caseIds;
  const { studyId } = await db.case.findUniqueOrThrow({ where: { id: caseId } });
  return { ...world, keeper: { userId: world.outsiderId, scope: [siteId] }, siteId, caseId, studyId };
}

/** A person who still has to read every case of the world, whatever their roles. */
export async function seedBlindReader(db: Database, world: LabelledWorld) {
  const [userId = ""] = world.readerIds;
  await createReaderStudy(db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [userId],
    caseLimit: world.caseIds.length,
    seed: 1,
    createdBy: null,
  });
  return { userId, scope: "all" as const };
}

/** A second later at every call, and later than all that the seed writes by the database's own clock. */
export function tickingClock(): () => Date {
  let clock = Date.parse("2100-01-01T00:00:00Z");
  return () => new Date((clock += 1_000));
}

export async function labelStateOf(db: Database, caseId: string) {
  const state = (await loadLabelStates(db, [caseId])).get(caseId);
  if (state === undefined) throw new Error(`There is no case ${caseId}.`);
  return state;
}

/** By the keeper, of the world's case, unless told otherwise. */
export async function changeByHand(
  db: Database,
  world: LabelledWorld,
  change: Partial<Parameters<typeof changeLabels>[1]> & {
    readonly breasts: Partial<CaseLabels["breasts"]>;
    readonly now: Date;
  },
) {
  const { breasts, ...request } = change;
  const state = await labelStateOf(db, world.caseId);
  return changeLabels(db, {
    viewer: world.keeper,
    caseId: world.caseId,
    version: state.version,
    labels: { ...state.labels, breasts: { ...state.labels.breasts, ...breasts } },
    reason: "Biopsy report arrived",
    acknowledgesFrozen: true,
    ...request,
  });
}
