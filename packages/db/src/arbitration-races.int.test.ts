import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answersOf, seedAdministrator, seedRadiologist } from "../../../tests/read-study.ts";
import {
  decideCase,
  lockOwnReading,
  openedArbitration,
  planOf,
  seedDisputedStudy,
} from "../../../tests/opened-arbitration.ts";
import { sentencesOf } from "../../../tests/outcomes.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { decideArbitration, saveArbitrationDraft } from "./arbitration-drafts.ts";
import { handOverArbitrations } from "./arbitration-handover.ts";
import { listArbitratorChoices, openArbitration } from "./arbitration-queue.ts";
import { loadCaseRecord } from "./arbitration-record.ts";
import { openArbitrationCase } from "./arbitrations.ts";
import { findActor, setDisabled } from "./people.ts";
import { withdrawReader } from "./reader-study-readers.ts";
import { closeReaderStudy, createReaderStudy } from "./reader-studies.ts";
import { lockUnaidedReading, saveReadingDraft } from "./reading-drafts.ts";
import { openReadingCase } from "./readings.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
let adminId: string;
const now = new Date("2027-01-05T10:00:00Z");
const answers = answersOf(["1", 2], ["4A", 40]);

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  world = await seedReaderStudyWorld(db, { siteCount: 1, casesPerSite: 3 });
  adminId = await seedAdministrator(db);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** New each time: who gave a case up does not get it again. */
const newArbitrator = (): Promise<string> =>
  seedRadiologist(database.db, `arbitrator-${randomUUID()}`, world.siteIds);

/** Who has each case of a study now. */
async function arbitratorsOf(readerStudyId: string) {
  const rows = await database.db.arbitration.findMany({
    where: { queue: { readerStudyId }, supersededAt: null },
    orderBy: { caseId: "asc" },
  });
  expect(new Set(rows.map(({ caseId }) => caseId)).size).toBe(rows.length);
  return rows.map(({ arbitratorId, decidedAt }) => ({ arbitratorId, isDecided: decidedAt !== null }));
}

describe("two coordinators at once", () => {
  test("assign each discordance once, to the people of one of them", async () => {
    const { db } = database;
    const readerStudyId = await seedDisputedStudy(db, world);
    const [first, second] = [await newArbitrator(), await newArbitrator()];
    const outcomes = await Promise.all([
      openArbitration(db, planOf(readerStudyId, { actorId: adminId, arbitratorIds: [first], now })),
      openArbitration(db, {
        ...planOf(readerStudyId, { actorId: adminId, arbitratorIds: [second], now }),
        seed: 99,
      }),
    ]);
    expect(outcomes.map(({ discordantCaseCount }) => discordantCaseCount).toSorted((a, b) => a - b)).toEqual([
      0, 3,
    ]);
    const arbitrators = await arbitratorsOf(readerStudyId);
    expect(arbitrators).toHaveLength(3);
    expect(new Set(arbitrators.map(({ arbitratorId }) => arbitratorId)).size).toBe(1);
    expect(await db.discordance.count({ where: { queue: { readerStudyId } } })).toBe(3);
  });

  test("with different rules, one of them is told that the other's stay", async () => {
    const { db } = database;
    const readerStudyId = await seedDisputedStudy(db, world);
    const plan = planOf(readerStudyId, { actorId: adminId, arbitratorIds: [await newArbitrator()], now });
    const outcomes = await Promise.allSettled([
      openArbitration(db, plan),
      openArbitration(db, {
        ...plan,
        rules: { ...plan.rules, thresholds: { biradsSteps: 4, suspicionPoints: 10 } },
      }),
    ]);
    expect(sentencesOf(outcomes)).toEqual([
      "conflict: The arbitration of this study was opened with other rules, which stay: cases are added by the same ones.",
    ]);
    expect(await arbitratorsOf(readerStudyId)).toHaveLength(3);
  });

  test("hand the cases of one arbitrator over once", async () => {
    const { db } = database;
    const [fromId, ...others] = [await newArbitrator(), await newArbitrator(), await newArbitrator()];
    const study = await openedArbitration(db, world, { actorId: adminId, arbitratorIds: [fromId], now });
    const { readerStudyId } = study;
    const [key = { arbitratorId: fromId, arbitrationId: "" }] = await study.keysOf(fromId);
    await lockOwnReading(db, key, { answers, now });
    const handover = {
      actorId: adminId,
      readerStudyId,
      fromId,
      share: "undecided",
      reason: "Left",
      now,
    } as const;
    const outcomes = await Promise.allSettled(
      others.map((toId) => handOverArbitrations(db, { ...handover, toId })),
    );
    expect(sentencesOf(outcomes)).toEqual(["conflict: Nothing is left to hand over: every case is decided."]);
    const arbitrators = await arbitratorsOf(readerStudyId);
    expect(arbitrators).toHaveLength(3);
    expect(new Set(arbitrators.map(({ arbitratorId }) => arbitratorId)).size).toBe(1);
    expect(await db.arbitration.count({ where: { queue: { readerStudyId } } })).toBe(4);
  });
});

describe("while an arbitration is open", () => {
  test("a case that is handed over is decided by the one or left to the other, never both", async () => {
    const { db } = database;
    for (let run = 0; run < 4; run++) {
      const [fromId, toId] = [await newArbitrator(), await newArbitrator()];
      const study = await openedArbitration(db, world, { actorId: adminId, arbitratorIds: [fromId], now });
      const { readerStudyId } = study;
      const [key = { arbitratorId: fromId, arbitrationId: "" }] = await study.keysOf(fromId);
      await lockOwnReading(db, key, { answers, now });
      const handover = {
        actorId: adminId,
        readerStudyId,
        fromId,
        toId,
        share: "undecided",
        reason: "Left",
        now,
      };
      const calls = [
        () => decideArbitration(db, { ...key, version: 1, durationMs: 1, now }),
        () => handOverArbitrations(db, { ...handover, share: "undecided" }),
        () => saveArbitrationDraft(db, { ...key, step: "decision", version: 1, answers, durationMs: 1, now }),
        () => openArbitrationCase(db, key, now),
      ];
      const turned = [...calls.slice(run), ...calls.slice(0, run)];
      sentencesOf(await Promise.allSettled(turned.map((call) => call())));
      const isDecided =
        (await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } })).decidedAt !== null;
      const arbitrators = await arbitratorsOf(readerStudyId);
      expect(
        arbitrators.filter(({ arbitratorId }) => arbitratorId === fromId),
        `run ${run}`,
      ).toEqual(isDecided ? [{ arbitratorId: fromId, isDecided: true }] : []);
      expect(arbitrators.filter(({ arbitratorId }) => arbitratorId === toId)).toHaveLength(isDecided ? 2 : 3);
      const readings = await db.arbitrationReading.findMany({
        where: { arbitrationId: key.arbitrationId },
        orderBy: { step: "asc" },
      });
      expect(
        readings.map(({ lockedAt, step }) => [step, lockedAt !== null]),
        `run ${run}`,
      ).toEqual(
        isDecided
          ? [
              ["independent", true],
              ["decision", true],
            ]
          : [["independent", true]],
      );
    }
  });

  test("a disabled arbitrator is signed out, offered no more, and their locked case goes to another", async () => {
    const { db } = database;
    const [leavingId, toId] = [await newArbitrator(), await newArbitrator()];
    const study = await openedArbitration(db, world, { actorId: adminId, arbitratorIds: [leavingId], now });
    const { readerStudyId } = study;
    const [key = { arbitratorId: leavingId, arbitrationId: "" }] = await study.keysOf(leavingId);
    await lockOwnReading(db, key, { answers, now });
    await setDisabled(db, { actorId: adminId, userId: leavingId, isDisabled: true });
    expect(await findActor(db, { userId: leavingId, sessionVersion: 0 })).toBeUndefined();
    expect(await findActor(db, { userId: leavingId, sessionVersion: 1 })).toBeUndefined();
    const { choices } = await listArbitratorChoices(db, readerStudyId);
    expect(choices.some(({ userId }) => userId === leavingId)).toBe(false);
    const handover = {
      actorId: adminId,
      readerStudyId,
      share: "undecided",
      reason: "Disabled",
      now,
    } as const;
    await handOverArbitrations(db, { ...handover, fromId: leavingId, toId });
    await expect(
      handOverArbitrations(db, { ...handover, fromId: toId, toId: leavingId }),
    ).rejects.toMatchObject({ code: "plan-invalid" });
    expect((await arbitratorsOf(readerStudyId)).map(({ arbitratorId }) => arbitratorId)).toEqual([
      toId,
      toId,
      toId,
    ]);
  });

  test("a reader of the study who is disabled stays on the record, and the case is decided", async () => {
    const { db } = database;
    const arbitratorId = await newArbitrator();
    const [readerId = ""] = world.readerIds;
    const study = await openedArbitration(db, world, {
      actorId: adminId,
      arbitratorIds: [arbitratorId],
      now,
    });
    const { readerStudyId } = study;
    const [key = { arbitratorId, arbitrationId: "" }] = await study.keysOf(arbitratorId);
    await setDisabled(db, { actorId: adminId, userId: readerId, isDisabled: true });
    await decideCase(db, key, { answers, now });
    await setDisabled(db, { actorId: adminId, userId: readerId, isDisabled: false });
    const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const record = await loadCaseRecord(db, { readerStudyId, caseId, viewerId: adminId });
    expect(record.readings.map(({ readerName }) => readerName)).toContain("reader-1");
    expect(record.arbitration?.decided?.decision.answers).toEqual(answers);
  });
});

describe("while a study closes or a reader leaves", () => {
  test("arbitration is refused until the study is closed, and then takes everything that is discordant", async () => {
    const { db } = database;
    for (let run = 0; run < 4; run++) {
      const readerStudyId = await seedDisputedStudy(db, world, { state: "open" });
      const plan = planOf(readerStudyId, { actorId: adminId, arbitratorIds: [await newArbitrator()], now });
      const closing = () => closeReaderStudy(db, readerStudyId);
      const opening = () => openArbitration(db, plan);
      const calls: (() => Promise<unknown>)[] = run % 2 === 0 ? [closing, opening] : [opening, closing];
      const sentences = sentencesOf(await Promise.allSettled(calls.map((call) => call())));
      for (const sentence of sentences) {
        expect(sentence).toMatch(/^conflict: Arbitration begins once a reader study is closed/);
      }
      expect(await arbitratorsOf(readerStudyId)).toHaveLength(sentences.length === 0 ? 3 : 0);
    }
  });

  test("nothing is locked once the withdrawal of a reader has been answered, and what was locked stays", async () => {
    const { db } = database;
    for (let run = 0; run < 4; run++) {
      const readerId = await seedRadiologist(db, `reader-${randomUUID()}`, world.siteIds);
      const { readerStudyId } = await createReaderStudy(db, {
        name: `Leaving ${randomUUID()}`,
        cohortId: world.cohortId,
        checkpointId: world.checkpointId,
        split: "internal-test",
        readerIds: [readerId],
        caseLimit: 2,
        seed: 3,
        createdBy: null,
      });
      const { id: assignmentId } = await db.readingAssignment.findFirstOrThrow({
        where: { readerStudyId, readerId, position: 0 },
      });
      const key = { readerId, assignmentId, now };
      await openReadingCase(db, key, now);
      const draft = { ...key, condition: "unaided" as const, mapRating: {}, durationMs: 1, answers };
      await saveReadingDraft(db, { ...draft, version: 1 });
      const locking = Promise.allSettled([lockUnaidedReading(db, { ...key, version: 2, durationMs: 2 })]);
      await withdrawReader(db, { actorId: adminId, readerStudyId, readerId, now, reason: "Ill" });
      const lockedCount = () => db.reading.count({ where: { assignmentId, lockedAt: { not: null } } });
      const atWithdrawal = await lockedCount();
      for (const sentence of sentencesOf(await locking)) {
        expect(sentence).toMatch(/^forbidden: You were withdrawn/);
      }
      expect(await lockedCount(), `run ${run}`).toBe(atWithdrawal);
      const after = await Promise.allSettled([
        openReadingCase(db, key, now),
        saveReadingDraft(db, { ...draft, version: 2 }),
      ]);
      expect(sentencesOf(after)).toHaveLength(2);
      // Who was to read a case does not arbitrate it, withdrawn or not.
      const { choices } = await listArbitratorChoices(db, readerStudyId);
      expect(choices.some(({ userId }) => userId === readerId)).toBe(false);
    }
  });
});
