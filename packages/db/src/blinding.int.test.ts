import { afterAll, beforeAll, expect, test } from "vitest";
import {
  decideCase,
  lockOwnReading,
  openedArbitration,
  recalled,
} from "../../../tests/opened-arbitration.ts";
import { readCase } from "../../../tests/read-case.ts";
import { seedAdministrator, seedRadiologist } from "../../../tests/read-study.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { handOverArbitrations } from "./arbitration-handover.ts";
import { countPending, hasPendingCase, pendingCaseIds, whereNotPendingFor } from "./blinding.ts";
import { closeReaderStudy, createReaderStudy } from "./reader-studies.ts";
import { openReadingCase } from "./readings.ts";

const now = new Date("2026-11-23T10:00:00Z");
let database: TestDatabase;
let world: ReaderStudyWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 3 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** How many cases are blind to a person; statements in SQL have to agree with filters. */
async function pendingOf(userId: string): Promise<number> {
  const { db } = database;
  const rows = await db.$queryRaw<{ case_id: string }[]>(pendingCaseIds(userId));
  const cases = await db.case.findMany({ where: { NOT: whereNotPendingFor(userId) } });
  const ids = cases.map(({ id }) => id).toSorted();
  expect([...new Set(rows.map((row) => row.case_id))].toSorted()).toEqual(ids);
  expect(await countPending(db, userId, world.caseIds)).toBe(ids.length);
  expect(await hasPendingCase(db, userId)).toBe(ids.length > 0);
  return ids.length;
}

test("a case is blind to its reader until it is submitted, or its study is closed", async () => {
  const { db } = database;
  const [readerId = ""] = world.readerIds;
  const { readerStudyId } = await createReaderStudy(db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [readerId],
    caseLimit: 3,
    seed: 1,
    createdBy: null,
  });
  expect([await pendingOf(readerId), await pendingOf(world.outsiderId)]).toEqual([3, 0]);
  const [first] = await db.readingAssignment.findMany({
    where: { readerStudyId, readerId },
    orderBy: { position: "asc" },
  });
  const key = { readerId, assignmentId: first?.id ?? "" };
  await openReadingCase(db, key, now);
  expect(await pendingOf(readerId)).toBe(3);
  await readCase(db, key, now);
  expect(await pendingOf(readerId)).toBe(2);
  await closeReaderStudy(db, readerStudyId);
  expect(await pendingOf(readerId)).toBe(0);
});

test("a case is blind to its arbitrator until it is decided, or goes to another", async () => {
  const { db } = database;
  const [fromId, toId] = [
    await seedRadiologist(db, "arbitrator-1", world.siteIds),
    await seedRadiologist(db, "arbitrator-2", world.siteIds),
  ];
  const actorId = await seedAdministrator(db);
  const { keysOf, readerStudyId } = await openedArbitration(db, world, {
    actorId,
    arbitratorIds: [fromId],
    now,
  });
  const none = { arbitratorId: fromId, arbitrationId: "" };
  const [key = none, locked = none] = await keysOf(fromId);
  expect([await pendingOf(fromId), await pendingOf(toId)]).toEqual([3, 0]);
  await decideCase(db, key, { answers: recalled, now });
  expect([await pendingOf(fromId), await pendingOf(toId)]).toEqual([2, 0]);
  // A locked reading stays on record with who locked it: it is read, not waited for.
  await lockOwnReading(db, locked, { answers: recalled, now });
  expect(await pendingOf(fromId)).toBe(2);
  const handover = { readerStudyId, fromId, toId, actorId, reason: "On leave", now };
  const { supersededCount } = await handOverArbitrations(db, { ...handover, share: "undecided" });
  expect(supersededCount).toBe(1);
  expect([await pendingOf(fromId), await pendingOf(toId)]).toEqual([0, 2]);
});
