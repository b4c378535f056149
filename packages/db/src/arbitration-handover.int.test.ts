import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answersOf, seedRadiologist } from "../../../tests/read-study.ts";
import { decideCase, lockOwnReading, openedArbitration } from "../../../tests/opened-arbitration.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { decideArbitration, saveArbitrationDraft } from "./arbitration-drafts.ts";
import { loadExportedArbitration } from "./arbitration-export.ts";
import { handOverArbitrations } from "./arbitration-handover.ts";
import { listArbitratorChoices } from "./arbitration-queue.ts";
import { loadCaseRecord } from "./arbitration-record.ts";
import { listArbitrationWorkLists } from "./arbitration-work-list.ts";
import { openArbitrationCase } from "./arbitrations.ts";
import { listDiscordances } from "./discordance-list.ts";
import { loadImageBlobs } from "./image-access.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
const now = new Date("2027-01-05T10:00:00Z");
const later = new Date("2027-01-06T10:00:00Z");
const abandoned = answersOf(["1", 2], ["4C", 88], { comment: "ABANDONED opinion" });
const answers = answersOf(["1", 2], ["2", 5], { comment: "Own opinion" });

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 1, casesPerSite: 2 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Two cases of one arbitrator, who has locked the first and begun to decide it; then both go to another one. */
async function handedOver() {
  const { db } = database;
  const run = randomUUID();
  const fromId = await seedRadiologist(db, `from-${run}`, world.siteIds);
  const toId = await seedRadiologist(db, `to-${run}`, world.siteIds);
  const actorId = await seedRadiologist(db, `admin-${run}`, world.siteIds);
  const study = await openedArbitration(db, world, { actorId, arbitratorIds: [fromId], now });
  const { readerStudyId } = study;
  const [key = { arbitratorId: fromId, arbitrationId: "" }] = await study.keysOf(fromId);
  await lockOwnReading(db, key, { answers: abandoned, now });
  const draft = { ...key, step: "decision" as const, durationMs: 5, now };
  await saveArbitrationDraft(db, {
    ...draft,
    version: 1,
    answers: { ...abandoned, comment: "ABANDONED draft" },
  });
  const handover = {
    actorId,
    readerStudyId,
    fromId,
    toId,
    share: "undecided" as const,
    reason: "Left the hospital",
    now: later,
  };
  const outcome = await handOverArbitrations(db, handover);
  const [successor = { arbitratorId: toId, arbitrationId: "" }] = await study.keysOf(toId);
  const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
  return { db, readerStudyId, caseId, fromId, toId, actorId, key, draft, handover, outcome, successor };
}

describe("an arbitration whose own reading is locked", () => {
  test("goes to a successor who begins blind and sees nothing of it, not even after their own lock", async () => {
    const { db, caseId, key, outcome, successor } = await handedOver();
    expect(outcome).toEqual({ movedCount: 2, supersededCount: 1, keptCount: 0 });
    expect(successor.arbitrationId).not.toBe(key.arbitrationId);
    const opened = await openArbitrationCase(db, successor, later);
    expect(opened).toMatchObject({ position: 0, caseCount: 2, revealed: null });
    expect(opened.independent).toMatchObject({ version: 1, isLocked: false, durationMs: 0 });
    expect(opened.independent.answers.breasts.L).toEqual({ birads: null, suspicion: null });
    const row = await db.arbitration.findUniqueOrThrow({ where: { id: successor.arbitrationId } });
    expect(row).toMatchObject({ caseId, supersededAt: null });
    await lockOwnReading(db, successor, { answers, now: later });
    const revealed = await openArbitrationCase(db, successor, later);
    expect(revealed.revealed?.readings).toHaveLength(2);
    for (const seen of [opened, revealed]) {
      expect(JSON.stringify(seen)).not.toMatch(/ABANDONED|"4C"|"suspicion":88/);
    }
  });

  test("takes nothing more from the one who gave it up, in the database neither", async () => {
    const { db, draft, fromId, key, readerStudyId } = await handedOver();
    const sentence = /handed over to somebody else: the reading that you locked is kept/;
    await expect(openArbitrationCase(db, key, later)).rejects.toThrow(sentence);
    await expect(saveArbitrationDraft(db, { ...draft, version: 2, answers })).rejects.toThrow(sentence);
    const end = { ...key, version: 2, durationMs: 5, now: later };
    await expect(decideArbitration(db, end)).rejects.toThrow(sentence);
    expect(await listArbitrationWorkLists(db, fromId, later)).toEqual([]);
    const { arbitrationId } = key;
    // The draft of the decision is dropped, the locked reading stays as it was.
    expect(await db.arbitrationReading.findMany({ where: { arbitrationId } })).toMatchObject([
      { step: "independent", lockedAt: now, answers: abandoned },
    ]);
    await expect(
      db.arbitrationReading.create({
        data: { arbitrationId, step: "decision", answers: {}, startedAt: later },
      }),
    ).rejects.toThrow(/was handed over/);
    await expect(
      db.arbitrationReading.updateMany({ where: { arbitrationId }, data: { durationMs: 1 } }),
    ).rejects.toThrow(/immutable/);
    const undo = { supersededAt: null, supersededReason: null };
    await expect(db.arbitration.update({ where: { id: arbitrationId }, data: undo })).rejects.toThrow(
      /superseded arbitration is immutable/,
    );
    const instance = await db.instance.findFirstOrThrow({
      where: { case: { arbitrations: { some: { id: arbitrationId } } } },
    });
    await expect(loadImageBlobs(db, { userId: fromId, scope: [] }, instance.id)).rejects.toMatchObject({
      code: "not-found",
    });
    expect(
      await db.auditEvent.findFirst({ where: { entityId: readerStudyId, action: "arbitration.hand-over" } }),
    ).toMatchObject({
      reason: "Left the hospital",
      details: { supersededIds: [arbitrationId], keptCount: 0 },
    });
  });

  test("does not come back to the one who gave it up, who has seen the other readings", async () => {
    const { caseId, db, fromId, handover, readerStudyId, toId } = await handedOver();
    await expect(handOverArbitrations(db, { ...handover, fromId: toId, toId: fromId })).rejects.toThrow(
      /may not arbitrate 1 of 2 cases/,
    );
    const { choices } = await listArbitratorChoices(db, readerStudyId);
    expect(choices.find(({ userId }) => userId === fromId)?.caseCount).toBe(1);
    const { id } = await db.arbitration.findFirstOrThrow({
      where: { caseId, arbitratorId: toId, queue: { readerStudyId } },
    });
    await expect(
      db.arbitration.update({ where: { id }, data: { arbitratorId: fromId, position: 99 } }),
    ).rejects.toThrow(/gave up the arbitration/);
  });

  test("stays on the record and in the export as superseded, its answers once the case is decided", async () => {
    const { actorId, caseId, db, fromId, readerStudyId, successor } = await handedOver();
    const [studyCase, exported] = [
      { readerStudyId, caseId, viewerId: actorId },
      { readerStudyId, caseId },
    ];
    const superseded = { supersededAt: later, reason: "Left the hospital" };
    const waiting = await loadCaseRecord(db, studyCase);
    expect(waiting.arbitration).toMatchObject({
      decided: null,
      superseded: [{ ...superseded, reading: null }],
    });
    expect(JSON.stringify([waiting, await loadExportedArbitration(db, exported)])).not.toMatch(
      /ABANDONED|"4C"|"suspicion":88/,
    );
    const query = { ...studyCase, rules: waitingRules, offset: 0, pageSize: 25 };
    const { queue, rows } = await listDiscordances(db, query);
    expect(queue).toMatchObject({ caseCount: 2, decidedCount: 0 });
    expect(queue?.arbitrators.map(({ caseCount, supersededCount }) => [caseCount, supersededCount])).toEqual([
      [0, 1],
      [2, 0],
    ]);
    expect(rows.find((row) => row.caseId === caseId)?.arbitration?.state).toBe("waiting");

    await decideCase(db, successor, { answers, now: later });
    const record = await loadCaseRecord(db, studyCase);
    expect(record.arbitration).toMatchObject({
      decided: { decision: { answers } },
      superseded: [{ ...superseded, reading: { lockedAt: now, durationMs: 200, answers: abandoned } }],
    });
    expect(record.breasts.find(({ laterality }) => laterality === "L")?.proposal).toMatchObject({
      basis: "arbitration",
      birads: "2",
    });
    expect(await loadExportedArbitration(db, exported)).toMatchObject({
      decided: {
        arbitratorId: successor.arbitratorId,
        superseded: [
          { arbitratorId: fromId, lockedAt: now, supersededAt: later, durationMs: 200, answers: abandoned },
        ],
      },
    });
  });
});

const waitingRules = {
  kinds: ["reader-reader" as const],
  thresholds: { biradsSteps: 3, suspicionPoints: null },
  earlierCheckpointId: null,
};
