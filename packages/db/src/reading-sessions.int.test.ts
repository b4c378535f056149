import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completeAnswers, readCase } from "../../../tests/read-case.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { createReaderStudy } from "./reader-studies.ts";
import { saveReadingDraft } from "./reading-drafts.ts";
import { listReadingWorkLists, loadOwnReadingSession } from "./reading-work-list.ts";
import { openReadingCase } from "./readings.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 4 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function openStudy(readerId: string) {
  const { readerStudyId } = await createReaderStudy(database.db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [readerId],
    caseLimit: 4,
    seed: 1,
    createdBy: null,
    settings: {
      ...defaultReaderStudySettings,
      sessionMinutes: 60,
      breakAfterMinutes: 30,
      breakMinutes: 15,
    },
  });
  const rows = await database.db.readingAssignment.findMany({
    where: { readerStudyId, readerId },
    orderBy: { position: "asc" },
  });
  return { readerStudyId, ids: rows.map(({ id }) => id) };
}

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 23, 9) + minutes * 60_000);

test("the session's cap lets the open case be finished, refuses the next and ends with a break", async () => {
  const { db } = database;
  const readerId = world.readerIds[0] ?? "";
  const { ids, readerStudyId } = await openStudy(readerId);
  const key = (index: number) => ({ readerId, assignmentId: ids[index] ?? "" });
  const state = (minutes: number) => loadOwnReadingSession(db, { readerStudyId, readerId, now: at(minutes) });
  const list = async (minutes: number) =>
    (await listReadingWorkLists(db, readerId, at(minutes))).find(
      (row) => row.readerStudyId === readerStudyId,
    );
  expect(await state(0)).toMatchObject({ elapsedMs: 0, isOver: false, breakAfterMinutes: 30 });

  await openReadingCase(db, key(0), at(0));
  const draft = { ...key(0), condition: "unaided" as const, answers: completeAnswers, mapRating: {} };
  for (const [index, minutes] of [10, 20, 30, 40, 50, 59].entries()) {
    const version = index + 1;
    await saveReadingDraft(db, {
      ...draft,
      answers: { ...completeAnswers, comment: String(minutes) },
      version,
      durationMs: 1,
      now: at(minutes),
    });
  }
  expect(await state(59)).toMatchObject({ elapsedMs: 59 * 60_000, isOver: false });
  expect(await state(60)).toMatchObject({ isOver: true });
  // The hour is over in the middle of the case.
  expect(await state(61)).toMatchObject({ isOver: true });
  expect((await list(61))?.nextAssignmentId).toBe(ids[0]);
  await openReadingCase(db, key(0), at(62));
  await db.reading.updateMany({ where: { assignmentId: ids[0] ?? "" }, data: { version: 1 } });
  const { nextAssignmentId, pause } = await readCase(db, key(0), at(63));
  expect({ nextAssignmentId, pause }).toEqual({
    nextAssignmentId: null,
    pause: { reason: "session", continuesAt: at(78) },
  });
  await expect(openReadingCase(db, key(1), at(65))).rejects.toThrow(
    "You have read for 65 minutes, and a session of this study lasts at most 60: the next case opens in 13 minutes, after a break of 15.",
  );
  expect((await list(77))?.pause).toEqual({ reason: "session", continuesAt: at(78) });
  // What was refused is no reading and does not put the end of the break off.
  expect((await list(78))?.nextAssignmentId).toBe(ids[1]);
  await openReadingCase(db, key(1), at(78));
  expect(await state(79)).toMatchObject({ elapsedMs: 60_000, isOver: false });
  expect(await db.readingSession.count({ where: { readerId } })).toBe(2);
});

test("a pause shorter than the break does not end a session, and other readers have their own", async () => {
  const { db } = database;
  const readerId = world.readerIds[1] ?? "";
  const { ids, readerStudyId } = await openStudy(readerId);
  const key = { readerId, assignmentId: ids[0] ?? "" };
  await openReadingCase(db, key, at(1000));
  await openReadingCase(db, key, at(1014));
  const session = await loadOwnReadingSession(db, { readerStudyId, readerId, now: at(1020) });
  expect(session.elapsedMs).toBe(20 * 60_000);
  await openReadingCase(db, key, at(1029));
  expect(await loadOwnReadingSession(db, { readerStudyId, readerId, now: at(1030) })).toMatchObject({
    elapsedMs: 60_000,
  });
  await expect(
    loadOwnReadingSession(db, { readerStudyId, readerId: world.readerIds[0] ?? "", now: at(0) }),
  ).rejects.toMatchObject({ code: "not-found" });
});

test("two tabs that begin at once begin one session", async () => {
  const { db } = database;
  const readerId = world.outsiderId;
  const { ids } = await openStudy(readerId);
  const key = { readerId, assignmentId: ids[0] ?? "" };
  await Promise.all(Array.from({ length: 4 }, () => openReadingCase(db, key, at(0))));
  expect(await db.readingSession.count({ where: { readerId } })).toBe(1);
});
