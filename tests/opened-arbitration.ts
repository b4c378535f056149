import {
  decideArbitration,
  lockIndependentReading,
  saveArbitrationDraft,
} from "@crossread/db/arbitration-drafts";
import { openArbitration, type ArbitrationPlan } from "@crossread/db/arbitration-queue";
import { openArbitrationCase } from "@crossread/db/arbitrations";
import type { ArbitrationKey } from "@crossread/db/own-arbitration";
import type { Database } from "@crossread/db/database";
import type { ReadingAnswers } from "@crossread/contracts/reading";
import { answersOf, seedReadStudy } from "./read-study.ts";
import type { ReaderStudyWorld } from "./reading-world.ts";

export const negative = answersOf(["1", 2], ["1", 3]);
export const recalled = answersOf(["1", 2], ["4B", 70], { comment: "SECRET opinion" });

/** A study whose two readers differ on the left breast of every case, or of some of them. */
export function seedDisputedStudy(
  db: Database,
  world: ReaderStudyWorld,
  study: { readonly state?: "open" | "closed"; readonly disputedCaseIds?: readonly string[] } = {},
): Promise<string> {
  const [first = "", second = ""] = world.readerIds;
  const disputedIds = new Set(study.disputedCaseIds ?? world.caseIds);
  return seedReadStudy(db, world, {
    state: study.state ?? "closed",
    readings: world.caseIds.flatMap((caseId) => [
      {
        readerId: first,
        caseId,
        unaided: negative,
        aided: disputedIds.has(caseId) ? recalled : negative,
      },
      { readerId: second, caseId, aided: negative },
    ]),
  });
}

type ChosenPlan = Pick<ArbitrationPlan, "actorId" | "arbitratorIds" | "now"> & Partial<ArbitrationPlan>;

export const planOf = (readerStudyId: string, plan: ChosenPlan): ArbitrationPlan => ({
  readerStudyId,
  rules: {
    kinds: ["reader-reader"],
    thresholds: { biradsSteps: 3, suspicionPoints: null },
    earlierCheckpointId: null,
  },
  controlCount: 0,
  seed: 5,
  ...plan,
});

/** Every case of a disputed study goes to the arbitrators. */
export async function openedArbitration(db: Database, world: ReaderStudyWorld, plan: ChosenPlan) {
  const readerStudyId = await seedDisputedStudy(db, world);
  await openArbitration(db, planOf(readerStudyId, plan));
  return {
    readerStudyId,
    keysOf: (arbitratorId: string) => arbitrationKeys(db, { readerStudyId, arbitratorId }),
  };
}

/** The cases of one arbitrator, in order, as it is now. */
export async function arbitrationKeys(
  db: Database,
  { arbitratorId, readerStudyId }: { readonly arbitratorId: string; readonly readerStudyId: string },
): Promise<ArbitrationKey[]> {
  const rows = await db.arbitration.findMany({
    where: { queue: { readerStudyId }, arbitratorId, supersededAt: null },
    orderBy: { position: "asc" },
    select: { id: true },
  });
  return rows.map(({ id }) => ({ arbitratorId, arbitrationId: id }));
}

/** Opens a case, reads it and locks the own reading; the decision is then at version 1. */
export async function lockOwnReading(
  db: Database,
  key: ArbitrationKey,
  reading: { readonly answers: ReadingAnswers; readonly now: Date },
): Promise<void> {
  const { independent } = await openArbitrationCase(db, key, reading.now);
  const { version } = independent;
  await saveArbitrationDraft(db, { ...key, ...reading, step: "independent", version, durationMs: 100 });
  await lockIndependentReading(db, { ...key, version: version + 1, durationMs: 200, now: reading.now });
}

export async function decideCase(
  db: Database,
  key: ArbitrationKey,
  reading: { readonly answers: ReadingAnswers; readonly now: Date },
) {
  await lockOwnReading(db, key, reading);
  return decideArbitration(db, { ...key, version: 1, durationMs: 300, now: reading.now });
}
