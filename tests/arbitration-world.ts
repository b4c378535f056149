import { openArbitration, type ArbitrationPlan } from "@crossread/db/arbitration-queue";
import type { Database } from "@crossread/db/database";
import type { ArbitrationKey } from "@crossread/db/own-arbitration";
import { seedAdministrator, seedRadiologist } from "./read-study.ts";
import { arbitrationKeys, planOf, seedDisputedStudy } from "./opened-arbitration.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "./reading-world.ts";
import { testDatabase } from "./test-database.ts";

export interface ArbitrationWorld extends ReaderStudyWorld, AsyncDisposable {
  readonly db: Database;
  /** Of both sites. */
  readonly arbitratorIds: readonly string[];
  readonly adminId: string;
  /** Two readers of all eight cases, who differ on the left breast of the first four. */
  readonly newStudy: (state?: "open" | "closed") => Promise<string>;
  /** Four discordant cases and two controls. */
  readonly planOf: (readerStudyId: string) => ArbitrationPlan;
  readonly openedStudy: () => Promise<{
    readonly readerStudyId: string;
    readonly firstOf: (arbitratorId: string | undefined) => Promise<ArbitrationKey>;
  }>;
}

/** Four cases at each of two sites, two readers, two arbitrators and an administrator, in a database of their own. */
export async function arbitrationWorld(now: Date): Promise<ArbitrationWorld> {
  const database = await testDatabase();
  const { db } = database;
  const world = await seedReaderStudyWorld(db, { siteCount: 2, casesPerSite: 4 });
  const arbitratorIds = [
    await seedRadiologist(db, "arbitrator-1", world.siteIds),
    await seedRadiologist(db, "arbitrator-2", world.siteIds),
  ];
  const adminId = await seedAdministrator(db);
  const newStudy = (state: "open" | "closed" = "closed") =>
    seedDisputedStudy(db, world, { state, disputedCaseIds: world.caseIds.slice(0, 4) });
  const plan = (readerStudyId: string) =>
    planOf(readerStudyId, { actorId: adminId, arbitratorIds, now, controlCount: 2 });
  return {
    ...world,
    db,
    arbitratorIds,
    adminId,
    newStudy,
    planOf: plan,
    async openedStudy() {
      const readerStudyId = await newStudy();
      await openArbitration(db, plan(readerStudyId));
      return {
        readerStudyId,
        async firstOf(arbitratorId = "") {
          const [key] = await arbitrationKeys(db, { readerStudyId, arbitratorId });
          if (key === undefined) throw new Error("The arbitrator has no case.");
          return key;
        },
      };
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
