import {
  defaultReaderStudySettings,
  type ReaderStudySettings,
} from "@crossread/contracts/reader-study-settings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeAnswers, completeRating } from "../../../tests/read-case.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { closeReaderStudy, createReaderStudy } from "./reader-studies.ts";
import { withdrawReader } from "./reader-study-readers.ts";
import { lockUnaidedReading, saveReadingDraft } from "./reading-drafts.ts";
import { openReadingCase } from "./readings.ts";
import { submitAndOpenNext, type SubmittedAndOpened } from "./submit-and-open.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
const start = Date.UTC(2026, 10, 2, 9);
const at = (minutes: number) => new Date(start + minutes * 60_000);
const caseCount = 3;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 4 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const readerId = () => world.readerIds[0] ?? "";

async function openStudy(settings: Partial<ReaderStudySettings> = {}, caseLimit = caseCount) {
  const { db } = database;
  // A reading session is the person's, whatever the study.
  await db.readingSession.deleteMany();
  const { readerStudyId } = await createReaderStudy(db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [readerId()],
    caseLimit,
    seed: 3,
    createdBy: null,
    settings: { ...defaultReaderStudySettings, ...settings },
  });
  const assignments = await db.readingAssignment.findMany({
    where: { readerStudyId, readerId: readerId() },
    orderBy: { position: "asc" },
  });
  return { readerStudyId, assignments, ids: assignments.map(({ id }) => id) };
}

/** Reads a case up to the end that submits it. */
async function readUpToEnd(assignmentId: string, now: Date) {
  const { db } = database;
  const key = { readerId: readerId(), assignmentId };
  const { conditions } = await openReadingCase(db, key, now);
  const end = { ...key, version: 2, durationMs: 2_000, now };
  for (const condition of conditions) {
    const mapRating = condition === "aided" ? completeRating : {};
    await saveReadingDraft(db, { ...end, version: 1, condition, answers: completeAnswers, mapRating });
    if (condition !== conditions.at(-1)) await lockUnaidedReading(db, end);
  }
  return end;
}

/** One case a minute. */
async function submitAll(ids: readonly string[]) {
  const answers: SubmittedAndOpened[] = [];
  for (const [index, id] of ids.entries()) {
    answers.push(await submitAndOpenNext(database.db, await readUpToEnd(id, at(index))));
  }
  return answers;
}

/** Which assignments have been opened, in the reader's order. */
async function begunOf(ids: readonly string[]): Promise<boolean[]> {
  const rows = await database.db.reading.findMany({ where: { assignmentId: { in: [...ids] } } });
  return ids.map((id) => rows.some(({ assignmentId }) => assignmentId === id));
}

const isSubmitted = async (assignmentId: string) =>
  (await database.db.readingAssignment.findUniqueOrThrow({ where: { id: assignmentId } })).submittedAt !==
  null;

describe("submitting a case", () => {
  test("answers with the next one as opening it would, begun with the answer", async () => {
    const { db } = database;
    const { ids } = await openStudy();
    const { opened, ...submitted } = await submitAndOpenNext(db, await readUpToEnd(ids[0] ?? "", at(5)));
    expect(submitted).toEqual({ nextAssignmentId: ids[1], pause: null });
    expect(opened).toEqual(
      await openReadingCase(db, { readerId: readerId(), assignmentId: ids[1] ?? "" }, at(6)),
    );
    expect(opened).toMatchObject({ position: 1, unaided: { version: 1, isLocked: false }, aided: null });
    expect(opened?.next?.assignmentId).toBe(ids[2]);
    expect(await begunOf(ids)).toEqual([true, true, false]);
    const begun = await db.reading.findFirstOrThrow({ where: { assignmentId: ids[1] ?? "" } });
    expect(begun.startedAt).toEqual(at(5));
  });

  test("twice, at once or later, submits once and opens the same case once", async () => {
    const { db } = database;
    const { ids } = await openStudy();
    const end = await readUpToEnd(ids[0] ?? "", at(5));
    const answers = await Promise.all([1, 2, 3].map(() => submitAndOpenNext(db, end)));
    const late = await submitAndOpenNext(db, { ...end, now: at(7) });
    expect([...answers, late]).toEqual(Array.from({ length: 4 }, () => answers[0]));
    expect(answers[0]?.opened?.assignmentId).toBe(ids[1]);
    expect(await begunOf(ids)).toEqual([true, true, false]);
    const [, second = ""] = ids;
    expect(await db.reading.count({ where: { assignmentId: second } })).toBe(1);
    expect(await db.auditEvent.count({ where: { action: "reading.submit", entityId: ids[0] ?? "" } })).toBe(
      1,
    );
  });

  test("a repetition gives the next case back with the draft that was begun in it", async () => {
    const { db } = database;
    const { ids } = await openStudy();
    const end = await readUpToEnd(ids[0] ?? "", at(5));
    await submitAndOpenNext(db, end);
    const draft = { ...end, assignmentId: ids[1] ?? "", condition: "unaided" as const, version: 1 };
    await saveReadingDraft(db, { ...draft, answers: completeAnswers, mapRating: {} });
    const { opened } = await submitAndOpenNext(db, end);
    expect(opened?.unaided).toMatchObject({ version: 2, answers: completeAnswers });
  });

  test("opens nothing once the session is over", async () => {
    const { ids } = await openStudy({ sessionMinutes: 60, breakAfterMinutes: 30, breakMinutes: 45 });
    const end = await readUpToEnd(ids[0] ?? "", at(0));
    const answer = await submitAndOpenNext(database.db, { ...end, now: at(44) });
    expect(answer.opened?.assignmentId).toBe(ids[1]);
    const last = await readUpToEnd(ids[1] ?? "", at(50));
    expect(await submitAndOpenNext(database.db, { ...last, now: at(61) })).toEqual({
      nextAssignmentId: null,
      pause: { reason: "session", continuesAt: at(106) },
      opened: null,
    });
    expect(await begunOf(ids)).toEqual([true, true, false]);
  });

  test("opens nothing during a washout, nor after the last case", async () => {
    const { ids } = await openStudy({ design: "crossover", washoutDays: 7 });
    const day = 24 * 60;
    const first = await submitAll(ids.slice(0, caseCount));
    expect(first.map(({ opened }) => opened?.assignmentId)).toEqual([ids[1], ids[2], undefined]);
    expect(first.at(-1)).toEqual({
      nextAssignmentId: null,
      pause: { reason: "washout", continuesAt: at(7 * day) },
      opened: null,
    });
    expect(await begunOf(ids.slice(caseCount))).toEqual([false, false, false]);
    const { ids: others } = await openStudy();
    const answers = await submitAll(others);
    expect(answers.map(({ opened }) => opened?.assignmentId)).toEqual([others[1], others[2], undefined]);
    expect(answers.at(-1)).toEqual({ nextAssignmentId: null, pause: null, opened: null });
  });

  test("stands where the next case does not open for want of its maps", async () => {
    const { db } = database;
    // Two of four cases are read aided in the first period, so that one of them is not the first.
    const { assignments, ids } = await openStudy({ design: "crossover", washoutDays: 7 }, 4);
    const aided = assignments.findIndex(
      ({ condition, period }, index) => index > 0 && period === 1 && condition === "aided",
    );
    expect(aided).toBeGreaterThan(0);
    for (const id of ids.slice(0, aided - 1)) await submitAndOpenNext(db, await readUpToEnd(id, at(0)));
    const before = ids[aided - 1] ?? "";
    const end = await readUpToEnd(before, at(1));
    const where = { instance: { caseId: assignments[aided]?.caseId ?? "" } };
    const maps = await db.saliencyMap.findMany({ where });
    await db.saliencyMap.deleteMany({ where });
    expect(await submitAndOpenNext(db, end)).toEqual({
      nextAssignmentId: ids[aided],
      pause: null,
      opened: null,
    });
    expect([await isSubmitted(before), (await begunOf(ids))[aided]]).toEqual([true, false]);
    await db.saliencyMap.createMany({
      data: maps.map(({ transform, ...columns }) => ({ ...columns, transform: transform ?? {} })),
    });
    expect((await submitAndOpenNext(db, end)).opened?.assignmentId).toBe(ids[aided]);
  });

  test("is refused whole to a reader who was withdrawn, and in a study that is closed", async () => {
    const { db } = database;
    const withdrawn = await openStudy();
    const end = await readUpToEnd(withdrawn.ids[0] ?? "", at(5));
    await withdrawReader(db, {
      readerStudyId: withdrawn.readerStudyId,
      readerId: readerId(),
      actorId: world.outsiderId,
      now: at(6),
      reason: "Left the hospital",
    });
    await expect(submitAndOpenNext(db, end)).rejects.toMatchObject({ code: "forbidden" });
    const closed = await openStudy();
    const late = await readUpToEnd(closed.ids[0] ?? "", at(5));
    await closeReaderStudy(db, closed.readerStudyId);
    await expect(submitAndOpenNext(db, late)).rejects.toMatchObject({ code: "conflict" });
    for (const { ids } of [withdrawn, closed]) {
      expect([await isSubmitted(ids[0] ?? ""), await begunOf(ids)]).toEqual([false, [true, false, false]]);
    }
  });
});
