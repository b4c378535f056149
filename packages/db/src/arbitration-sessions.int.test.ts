import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answersOf, seedRadiologist } from "../../../tests/read-study.ts";
import { lockOwnReading, openedArbitration } from "../../../tests/opened-arbitration.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { decideArbitration, saveArbitrationDraft } from "./arbitration-drafts.ts";
import { listArbitrationWorkLists } from "./arbitration-work-list.ts";
import { openArbitrationCase } from "./arbitrations.ts";
import { recordReadingActivity } from "./reading-sessions.ts";
import { loadOwnReadingSession } from "./reading-work-list.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 3 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const at = (minutes: number) => new Date(Date.UTC(2027, 0, 5, 9) + minutes * 60_000);
const answers = answersOf(["1", 2], ["4A", 40]);
const settings = { sessionMinutes: 60, breakAfterMinutes: 30, breakMinutes: 15 };

/** Sessions of an hour; the arbitrator has three cases. */
async function arbitratedStudy() {
  const { db } = database;
  const arbitratorId = await seedRadiologist(db, `arbitrator-${randomUUID()}`, world.siteIds);
  const study = await openedArbitration(db, world, {
    actorId: arbitratorId,
    arbitratorIds: [arbitratorId],
    now: at(0),
  });
  const { readerStudyId } = study;
  await db.readerStudy.update({ where: { id: readerStudyId }, data: settings });
  return {
    db,
    arbitratorId,
    readerStudyId,
    keys: await study.keysOf(arbitratorId),
    session: (minutes: number) =>
      loadOwnReadingSession(db, { readerStudyId, readerId: arbitratorId, now: at(minutes) }),
  };
}

test("the session's cap lets an open arbitration be decided, refuses the next and ends with a break", async () => {
  const { arbitratorId, db, keys, session } = await arbitratedStudy();
  const [first = { arbitratorId, arbitrationId: "" }, second = first] = keys;
  await lockOwnReading(db, first, { answers, now: at(0) });
  for (const [index, minutes] of [10, 20, 30, 40, 50, 59].entries()) {
    const changed = { ...answers, comment: String(minutes) };
    const draft = { ...first, step: "decision" as const, answers: changed, durationMs: 1, now: at(minutes) };
    expect(await saveArbitrationDraft(db, { ...draft, version: 1 + index })).toMatchObject({ ok: true });
  }
  expect(await session(61)).toMatchObject({ ...settings, elapsedMs: 61 * 60_000, isOver: true });
  await openArbitrationCase(db, first, at(62));
  const decided = await decideArbitration(db, { ...first, version: 7, durationMs: 1, now: at(63) });
  expect(decided).toEqual({
    nextArbitrationId: null,
    pause: { reason: "session", continuesAt: at(78) },
  });
  await expect(openArbitrationCase(db, second, at(65))).rejects.toThrow(
    "You have read for 65 minutes, and a session of this study lasts at most 60: the next case opens in 13 minutes, after a break of 15.",
  );
  const list = async (minutes: number) => (await listArbitrationWorkLists(db, arbitratorId, at(minutes)))[0];
  expect(await list(77)).toMatchObject({
    decidedCount: 1,
    nextArbitrationId: null,
    pause: { reason: "session", continuesAt: at(78) },
  });
  // What was refused is no reading and does not put the end of the break off.
  expect(await list(78)).toMatchObject({ nextArbitrationId: second.arbitrationId, pause: null });
  await openArbitrationCase(db, second, at(78));
  expect(await session(79)).toMatchObject({ elapsedMs: 60_000, isOver: false });
  expect(await db.readingSession.count({ where: { readerId: arbitratorId } })).toBe(2);
});

test("reading in another study and arbitrating are one session of one person", async () => {
  const { arbitratorId, db, keys, session } = await arbitratedStudy();
  const [first = { arbitratorId, arbitrationId: "" }] = keys;
  for (const minutes of [0, 14, 28, 42, 56]) {
    await db.$transaction((tx) =>
      recordReadingActivity(tx, { readerId: arbitratorId, settings, now: at(minutes) }),
    );
  }
  await expect(openArbitrationCase(db, first, at(61))).rejects.toThrow(/You have read for 61 minutes/);
  await openArbitrationCase(db, first, at(58));
  expect(await session(59)).toMatchObject({ elapsedMs: 59 * 60_000 });
  expect(await db.readingSession.count({ where: { readerId: arbitratorId } })).toBe(1);
});

test("two windows that open a case at once begin one session and one reading", async () => {
  const { arbitratorId, db, keys } = await arbitratedStudy();
  const [first = { arbitratorId, arbitrationId: "" }] = keys;
  await Promise.all([1, 2, 3].map(() => openArbitrationCase(db, first, at(0))));
  expect(await db.readingSession.count({ where: { readerId: arbitratorId } })).toBe(1);
  expect(await db.arbitrationReading.count({ where: { arbitrationId: first.arbitrationId } })).toBe(1);
});

test("the session of a study is told to its arbitrators, and to nobody else", async () => {
  const { db, readerStudyId } = await arbitratedStudy();
  await expect(
    loadOwnReadingSession(db, { readerStudyId, readerId: world.outsiderId, now: at(0) }),
  ).rejects.toMatchObject({ code: "not-found" });
});
