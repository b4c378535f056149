import { randomUUID } from "node:crypto";
import type { MapRating, ReadingAnswers } from "@crossread/contracts/reading";
import { createRandom } from "@crossread/metrics/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sentencesOf } from "../../../tests/outcomes.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadReadingAid } from "./reading-aid.ts";
import { lockUnaidedReading, saveReadingDraft, submitReading } from "./reading-drafts.ts";
import { closeReaderStudy, createReaderStudy } from "./reader-studies.ts";
import { openReadingCase } from "./readings.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
const now = new Date("2026-11-23T10:00:00Z");
const mapRating: MapRating = {
  lesionInsideHotArea: "yes",
  hasMissedLesion: false,
  hasSpuriousAreas: false,
  plausibility: 5,
  wouldChangeRecall: "no",
  comment: "",
};

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 2 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** A case that is open, with a complete draft that has one mark; version 2 is stored. */
async function begunCase() {
  const { db } = database;
  const [readerId = ""] = world.readerIds;
  const { readerStudyId } = await createReaderStudy(db, {
    name: `Race ${randomUUID()}`,
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [readerId],
    caseLimit: 2,
    seed: 3,
    createdBy: null,
  });
  const first = await db.readingAssignment.findFirstOrThrow({
    where: { readerStudyId, readerId, position: 0 },
  });
  const key = { readerId, assignmentId: first.id };
  const { images } = await openReadingCase(db, key, now);
  const answersWith = (suspicion: number, markCount = 1): ReadingAnswers => ({
    breasts: { R: { birads: "2", suspicion }, L: { birads: "4A", suspicion: 60 } },
    density: "B",
    marks: Array.from({ length: markCount }, (_, index) => ({
      markId: randomUUID(),
      instanceId: images[0]?.instanceId ?? "",
      geometry: { shape: "point", xPx: 10 + suspicion, yPx: 20 + index },
      kind: "mass",
    })),
    comment: "",
  });
  const draft = { ...key, condition: "unaided" as const, mapRating: {}, durationMs: 1_000, now };
  await saveReadingDraft(db, { ...draft, version: 1, answers: answersWith(10) });
  return { db, readerStudyId, key, draft, answersWith, end: { ...key, version: 2, durationMs: 2_000, now } };
}

async function lockedCase() {
  const begun = await begunCase();
  const { db, draft, end } = begun;
  const aided = await lockUnaidedReading(db, end);
  await saveReadingDraft(db, {
    ...draft,
    condition: "aided",
    version: 1,
    answers: aided.answers,
    mapRating,
  });
  return begun;
}

/** What of a case is stored: everything that a race could double or lose. */
async function recordOf(assignmentId: string) {
  const { db } = database;
  const readings = await db.reading.findMany({
    where: { assignmentId },
    orderBy: { condition: "asc" },
    include: { annotations: true, mapRating: true },
  });
  const events = await db.auditEvent.findMany({
    where: { entityId: assignmentId },
    orderBy: { sequence: "asc" },
  });
  return {
    readings: readings.map((reading) => ({
      condition: reading.condition,
      isLocked: reading.lockedAt !== null,
      durationMs: reading.durationMs,
      answers: reading.answers as unknown as ReadingAnswers,
      marks: reading.annotations.map(({ geometry }) => geometry),
      hasMapRating: reading.mapRating !== null,
    })),
    actions: events.map(({ action }) => action),
  };
}

const atOnce = <TValue>(count: number, call: (index: number) => Promise<TValue>) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));

describe("at the same time", () => {
  test("two tabs lock once, and both go on to the aided step", async () => {
    const { db, end, key } = await begunCase();
    const outcomes = await atOnce(6, (index) =>
      lockUnaidedReading(db, { ...end, durationMs: 2_000 + index }),
    );
    expect(sentencesOf(outcomes)).toEqual([]);
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    const { actions, readings } = await recordOf(key.assignmentId);
    expect(actions).toEqual(["reading.lock-unaided"]);
    expect(readings.map(({ condition, isLocked }) => [condition, isLocked])).toEqual([
      ["unaided", true],
      ["aided", false],
    ]);
    expect(readings[0]?.marks).toHaveLength(1);
  });

  test("a tab that holds an older version locks nothing and is told so", async () => {
    const { answersWith, db, draft, end, key } = await begunCase();
    await saveReadingDraft(db, { ...draft, version: 2, answers: answersWith(50) });
    const [stale, fresh] = await Promise.allSettled([
      lockUnaidedReading(db, end),
      lockUnaidedReading(db, { ...end, version: 3 }),
    ]);
    expect(fresh.status).toBe("fulfilled");
    expect(sentencesOf([stale])[0]).toMatch(
      /The reading was changed elsewhere: version 3 is stored, version 2 was sent|is locked and cannot change/,
    );
    expect((await recordOf(key.assignmentId)).readings[0]?.answers.breasts.R.suspicion).toBe(50);
  });

  test("a lock that is sent again because its answer was lost gets the answer of the first", async () => {
    const { db, end, key } = await begunCase();
    const first = await lockUnaidedReading(db, end);
    expect(await lockUnaidedReading(db, { ...end, now: new Date(now.getTime() + 5_000) })).toEqual(first);
    const outcomes = await atOnce(4, () => lockUnaidedReading(db, end));
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "fulfilled"));
    const { actions, readings } = await recordOf(key.assignmentId);
    expect(actions).toEqual(["reading.lock-unaided"]);
    expect(readings[0]?.marks).toHaveLength(1);
  });

  test("a case that is submitted again because the answer was lost leads to the next one, once submitted", async () => {
    const { db, end, key } = await lockedCase();
    const outcomes = await atOnce(5, () => submitReading(db, end));
    const values = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value : outcome.reason,
    );
    expect(values).toEqual(Array.from({ length: 5 }, () => values[0]));
    expect(values[0]).toMatchObject({ nextAssignmentId: expect.any(String) });
    const { actions, readings } = await recordOf(key.assignmentId);
    expect(actions).toEqual(["reading.lock-unaided", "reading.submit"]);
    expect(readings.map(({ isLocked, marks }) => [isLocked, marks.length])).toEqual([
      [true, 1],
      [true, 1],
    ]);
  });

  test("a submitted case takes no other version", async () => {
    const { db, end } = await lockedCase();
    await submitReading(db, end);
    await expect(submitReading(db, { ...end, version: 1 })).rejects.toMatchObject({
      code: "reading-already-locked",
    });
  });

  test("saves and locks in any order lock what was stored, with the marks of that version", async () => {
    const random = createRandom(7);
    for (let run = 0; run < 12; run++) {
      const { db, answersWith, draft, end, key } = await begunCase();
      const saves = [21, 22, 23].map(
        (suspicion, index) => () =>
          saveReadingDraft(db, { ...draft, version: 2 + index, answers: answersWith(suspicion, index) }),
      );
      const locks = [2, 3, 4].map((version) => () => lockUnaidedReading(db, { ...end, version }));
      const calls: (() => Promise<unknown>)[] = random.shuffle([...saves, ...locks]).slice();
      const outcomes = await Promise.allSettled(calls.map((call) => call()));
      sentencesOf(outcomes);
      const { actions, readings } = await recordOf(key.assignmentId);
      const [unaided, aided] = readings;
      const isLocked = unaided?.isLocked ?? false;
      expect(actions).toEqual(isLocked ? ["reading.lock-unaided"] : []);
      const expected = isLocked ? unaided?.answers.marks.map(({ geometry }) => geometry) : [];
      expect(unaided?.marks, `run ${run}`).toEqual(expected);
      expect(aided?.answers, `run ${run}`).toEqual(isLocked ? unaided?.answers : undefined);
    }
  });

  test("the same draft sent several times raises the version once", async () => {
    const { answersWith, db, draft } = await begunCase();
    const again = { ...draft, version: 2, answers: answersWith(33) };
    const outcomes = await atOnce(5, () => saveReadingDraft(db, again));
    expect(outcomes).toEqual(
      Array.from({ length: 5 }, () => ({ status: "fulfilled", value: { ok: true, version: 3 } })),
    );
  });

  test("the aid is told after the lock or not at all", async () => {
    const { db, end, key } = await begunCase();
    const early = await atOnce(3, () => loadReadingAid(db, key));
    expect(new Set(sentencesOf(early))).toEqual(
      new Set(["forbidden: The aid is shown after the unaided reading is locked."]),
    );
    const [locked, ...aids] = await Promise.allSettled([
      lockUnaidedReading(db, end),
      ...Array.from({ length: 6 }, () => loadReadingAid(db, key)),
    ]);
    expect(locked.status).toBe("fulfilled");
    for (const sentence of sentencesOf(aids)) expect(sentence).toMatch(/^forbidden: The aid/);
    expect((await loadReadingAid(db, key)).images).toHaveLength(4);
  });
});

describe("while a case is open", () => {
  test("a study that is closed takes nothing more, and says so", async () => {
    const { answersWith, db, draft, end, key, readerStudyId } = await begunCase();
    await closeReaderStudy(db, readerStudyId);
    const outcomes = await Promise.allSettled([
      saveReadingDraft(db, { ...draft, version: 2, answers: answersWith(44) }),
      lockUnaidedReading(db, end),
      submitReading(db, end),
      openReadingCase(db, key, now),
    ]);
    const sentences = sentencesOf(outcomes);
    expect(sentences).toHaveLength(4);
    for (const sentence of sentences)
      expect(sentence).toMatch(/^conflict: Reader study "Race .*" is closed\.$/);
    const { readings } = await recordOf(key.assignmentId);
    expect(readings.map(({ answers, isLocked }) => [isLocked, answers.breasts.R.suspicion])).toEqual([
      [false, 10],
    ]);
  });

  test("nothing is locked once closing the study has been answered", async () => {
    const { db } = database;
    for (let run = 0; run < 8; run++) {
      const { end, key, readerStudyId } = await begunCase();
      const locking = Promise.allSettled([lockUnaidedReading(db, end)]);
      await closeReaderStudy(db, readerStudyId);
      const atClosing = await recordOf(key.assignmentId);
      sentencesOf(await locking);
      expect(await recordOf(key.assignmentId), `run ${run}`).toEqual(atClosing);
    }
  });
});
