import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeAnswers, completeRating, readCase } from "../../../tests/read-case.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadMapBlob } from "./image-access.ts";
import { loadReaderStudy } from "./reader-study-progress.ts";
import { createReaderStudy } from "./reader-studies.ts";
import { loadReadingAid } from "./reading-aid.ts";
import {
  lockUnaidedReading,
  saveReadingDraft,
  submitReading,
  type SubmittedReading,
} from "./reading-drafts.ts";
import { listReadingWorkLists } from "./reading-work-list.ts";
import { openReadingCase } from "./readings.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;

const start = Date.UTC(2026, 10, 1, 9);
const dayMs = 86_400_000;
const onDay = (day: number, minutes = 0) => new Date(start + day * dayMs + minutes * 60_000);
const settings = { ...defaultReaderStudySettings, design: "crossover" as const, washoutDays: 28 };

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 4 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function openCrossover(readerId: string) {
  const { db } = database;
  // Another study of the same reader would keep maps away.
  await db.readerStudy.updateMany({ data: { state: "closed" } });
  const { readerStudyId } = await createReaderStudy(db, {
    name: "Crossover",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [readerId],
    caseLimit: 4,
    seed: 7,
    createdBy: null,
    settings,
  });
  const assignments = await db.readingAssignment.findMany({
    where: { readerStudyId, readerId },
    orderBy: { position: "asc" },
  });
  return { readerStudyId, assignments, key: (assignmentId: string) => ({ readerId, assignmentId }) };
}

const reader = () => world.readerIds[0] ?? "";
const mapOf = async (caseId: string) =>
  (await database.db.saliencyMap.findFirstOrThrow({ where: { instance: { caseId } } })).id;
const mapIsShown = async (caseId: string) => {
  const viewer = { userId: reader(), scope: [] };
  return loadMapBlob(database.db, viewer, await mapOf(caseId)).then(
    () => true,
    () => false,
  );
};

describe("a crossover", () => {
  test("opens period 2 of a case only when the washout since its first reading is over", async () => {
    const { db } = database;
    const { assignments, key, readerStudyId } = await openCrossover(reader());
    const first = assignments.filter(({ period }) => period === 1);
    const second = assignments.filter(({ period }) => period === 2);
    expect([first.length, second.length]).toEqual([4, 4]);
    const dayOf = new Map<string, number>();
    const outcomes: SubmittedReading[] = [];
    let day = 0;
    for (const { caseId, id } of first) {
      outcomes.push(await readCase(db, key(id), onDay(day, 1)));
      dayOf.set(caseId, day);
      day += 1;
    }
    expect(outcomes.map(({ pause }) => pause)).toEqual([
      null,
      null,
      null,
      { reason: "washout", continuesAt: onDay(28, 1) },
    ]);
    const list = async (now: Date) =>
      (await listReadingWorkLists(db, reader(), now)).find((row) => row.readerStudyId === readerStudyId);
    expect(await list(onDay(20))).toMatchObject({
      submittedCount: 4,
      caseCount: 8,
      nextAssignmentId: null,
      pause: { reason: "washout", continuesAt: onDay(28, 1) },
    });
    const progress = await loadReaderStudy(db, {
      readerStudyId,
      viewerId: world.outsiderId,
      scope: "all",
      now: onDay(20),
    });
    expect(progress.readers).toMatchObject([
      {
        continuesAt: onDay(28, 1),
        periods: [
          { readingCount: 4, submittedCount: 4 },
          { readingCount: 4, submittedCount: 0 },
        ],
      },
    ]);
    const firstRead = second.find(({ caseId }) => dayOf.get(caseId) === 0)?.id ?? "";
    const nextRead = second.find(({ caseId }) => dayOf.get(caseId) === 1)?.id ?? "";
    await expect(openReadingCase(db, key(firstRead), onDay(28))).rejects.toThrow(
      "A case is read again 28 days after its first reading: the next one opens on 2026-11-29.",
    );
    // The washout counts from each case's own reading.
    expect((await list(onDay(28, 1)))?.nextAssignmentId).toBe(firstRead);
    await expect(openReadingCase(db, key(nextRead), onDay(28, 1))).rejects.toMatchObject({
      code: "conflict",
    });
    const again = await readCase(db, key(firstRead), onDay(28, 1));
    expect(again.pause).toEqual({ reason: "washout", continuesAt: onDay(29, 1) });
  });

  test("shows the aid in aided assignments from the start, in unaided ones never", async () => {
    const { db } = database;
    const { assignments, key } = await openCrossover(reader());
    const first = assignments.filter(({ period }) => period === 1);
    const aidOf = (id: string) =>
      loadReadingAid(db, key(id)).then(
        ({ images }) => `${images.length} images`,
        (error: unknown) => (error instanceof Error ? error.message : ""),
      );
    const seen = new Set<string>();
    for (const { caseId, condition, id } of first) {
      if (condition === null) throw new Error("A crossover has one condition a period");
      const before = await aidOf(id);
      const opened = await openReadingCase(db, key(id), onDay(100));
      const other = condition === "aided" ? opened.unaided : opened.aided;
      expect([opened.conditions, opened[condition]?.answers.density, other]).toEqual([
        [condition],
        null,
        null,
      ]);
      const during = await aidOf(id);
      const map = await mapIsShown(caseId);
      const end = { ...key(id), version: 2, durationMs: 1, now: onDay(100) };
      const mapRating = condition === "aided" ? completeRating : {};
      await saveReadingDraft(db, { ...end, version: 1, condition, answers: completeAnswers, mapRating });
      await expect(lockUnaidedReading(db, end)).rejects.toThrow(`read ${condition} only`);
      await submitReading(db, end);
      seen.add(JSON.stringify({ condition, before, during, map, after: await aidOf(id) }));
      expect(await mapIsShown(caseId)).toBe(false);
    }
    const never = "This case is read unaided only: no aid is shown.";
    expect([...seen].toSorted().map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        condition: "aided",
        before: "The aid is shown once the case is opened.",
        during: "4 images",
        map: true,
        after: "You still have to read this case unaided: its aid is not shown.",
      },
      { condition: "unaided", before: never, during: never, map: false, after: never },
    ]);
  });

  test("keeps aid and first answers away while a case that was aided first is read unaided", async () => {
    const { db } = database;
    const { assignments, key } = await openCrossover(reader());
    const first = assignments.filter(({ period }) => period === 1);
    for (const { id } of first) await readCase(db, key(id), onDay(200));
    const aided = first.find(({ condition }) => condition === "aided");
    const unaided = assignments.find(({ caseId, period }) => caseId === aided?.caseId && period === 2);
    expect(unaided?.condition).toBe("unaided");
    for (;;) {
      const [list] = await listReadingWorkLists(db, reader(), onDay(228, 1));
      if (list?.nextAssignmentId === unaided?.id) break;
      await readCase(db, key(list?.nextAssignmentId ?? ""), onDay(228, 1));
    }
    const caseId = aided?.caseId ?? "";
    const opened = await openReadingCase(db, key(unaided?.id ?? ""), onDay(228, 1));
    expect(opened.unaided?.answers.density).toBeNull();
    for (const id of [aided?.id ?? "", unaided?.id ?? ""]) {
      await expect(loadReadingAid(db, key(id))).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(openReadingCase(db, key(aided?.id ?? ""), onDay(228, 1))).rejects.toThrow(
      "submitted and locked",
    );
    expect(await mapIsShown(caseId)).toBe(false);
    await readCase(db, key(unaided?.id ?? ""), onDay(228, 1));
    expect(await mapIsShown(caseId)).toBe(true);
  });

  test("refuses in the database a reading of the other condition", async () => {
    const { assignments } = await openCrossover(reader());
    const [unaided, aided] = (["unaided", "aided"] as const).map((condition) =>
      assignments.find((assignment) => assignment.condition === condition),
    );
    const create = (assignmentId: string, condition: "unaided" | "aided") =>
      database.db.reading.create({ data: { assignmentId, condition, answers: {} } });
    await expect(create(unaided?.id ?? "", "aided")).rejects.toThrow(/read unaided only/);
    await expect(create(aided?.id ?? "", "unaided")).rejects.toThrow(/read aided only/);
  });
});
