import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitrationWorld, type ArbitrationWorld } from "../../../tests/arbitration-world.ts";
import { decideCase, negative, recalled } from "../../../tests/opened-arbitration.ts";
import { loadExportedArbitration } from "./arbitration-export.ts";
import { decideArbitration, lockIndependentReading, saveArbitrationDraft } from "./arbitration-drafts.ts";
import { handOverArbitrations } from "./arbitration-handover.ts";
import { loadCaseRecord } from "./arbitration-record.ts";
import { listArbitrationWorkLists } from "./arbitration-work-list.ts";
import { openArbitrationCase } from "./arbitrations.ts";

let world: ArbitrationWorld;
const now = new Date("2027-01-05T10:00:00Z");

beforeAll(async () => {
  world = await arbitrationWorld(now);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe("an arbitration", () => {
  test("shows the other readings after the lock only, unnamed, without comment, and reads in order", async () => {
    const study = await world.openedStudy();
    const key = await study.firstOf(world.arbitratorIds[0]);
    const opened = await openArbitrationCase(world.db, key, now);
    expect(opened.revealed).toBeNull();
    const { id: nextId } = await world.db.arbitration.findFirstOrThrow({
      where: { queue: { readerStudyId: study.readerStudyId }, arbitratorId: key.arbitratorId, position: 1 },
    });
    await expect(openArbitrationCase(world.db, { ...key, arbitrationId: nextId }, now)).rejects.toMatchObject(
      { code: "conflict" },
    );
    await saveArbitrationDraft(world.db, {
      ...key,
      now,
      step: "independent",
      version: 1,
      answers: negative,
      durationMs: 5,
    });
    const revealed = await lockIndependentReading(world.db, { ...key, version: 2, durationMs: 9, now });
    expect(revealed.decision).toMatchObject({ version: 1, answers: negative });
    expect(revealed.readings).toHaveLength(2);
    expect(Object.keys(revealed.readings[0] ?? {}).toSorted()).toEqual(["breasts", "density", "marks"]);
    const { nextArbitrationId } = await decideArbitration(world.db, {
      ...key,
      version: 1,
      durationMs: 7,
      now,
    });
    expect(nextArbitrationId).toBe(nextId);
    const list = (await listArbitrationWorkLists(world.db, key.arbitratorId, now)).find(
      (each) => each.nextArbitrationId === nextId,
    );
    expect(list).toMatchObject({ caseCount: 3, decidedCount: 1, medianDurationMs: 16, isNextStarted: false });
  });

  test("answers an older draft with the stored one, and a repeated save with its version", async () => {
    const key = await (await world.openedStudy()).firstOf(world.arbitratorIds[0]);
    await openArbitrationCase(world.db, key, now);
    const draft = { ...key, now, step: "independent" as const, version: 1, answers: negative, durationMs: 5 };
    expect(await saveArbitrationDraft(world.db, draft)).toEqual({ ok: true, version: 2 });
    expect(await saveArbitrationDraft(world.db, draft)).toEqual({ ok: true, version: 2 });
    expect(await saveArbitrationDraft(world.db, { ...draft, answers: recalled })).toMatchObject({
      ok: false,
      stored: { version: 2, answers: negative },
    });
  });

  test("locks and decides once, whether a call comes twice at once or again because its answer was lost", async () => {
    const { db } = world;
    const key = await (await world.openedStudy()).firstOf(world.arbitratorIds[0]);
    await openArbitrationCase(db, key, now);
    const draft = { ...key, now, step: "independent" as const, version: 1, durationMs: 5 };
    await saveArbitrationDraft(db, { ...draft, answers: negative });
    const lock = () => lockIndependentReading(db, { ...key, version: 2, durationMs: 9, now });
    const [first, second] = await Promise.all([lock(), lock()]);
    expect(second).toEqual(first);
    await expect(
      lockIndependentReading(db, { ...key, version: 1, durationMs: 9, now }),
    ).rejects.toMatchObject({ code: "reading-already-locked" });
    const decideOnce = () => decideArbitration(db, { ...key, version: 1, durationMs: 7, now });
    const decided = await Promise.all([decideOnce(), decideOnce()]);
    expect(decided[1]).toEqual(decided[0]);
    const events = await db.auditEvent.groupBy({
      by: ["action"],
      where: { entityId: key.arbitrationId },
      _count: true,
      orderBy: { action: "asc" },
    });
    expect(events).toEqual([
      { action: "arbitration.decide", _count: 1 },
      { action: "arbitration.lock-independent", _count: 1 },
    ]);
  });

  test("of somebody else is as if it did not exist, and incomplete answers are not locked", async () => {
    const key = await (await world.openedStudy()).firstOf(world.arbitratorIds[0]);
    await expect(
      openArbitrationCase(world.db, { ...key, arbitratorId: world.arbitratorIds[1] ?? "" }, now),
    ).rejects.toMatchObject({ code: "not-found" });
    await openArbitrationCase(world.db, key, now);
    await expect(
      lockIndependentReading(world.db, { ...key, version: 1, durationMs: 5, now }),
    ).rejects.toMatchObject({ code: "usage" });
  });

  test("is handed over with its place and without its draft, unless it is locked or the other one read it", async () => {
    const { db } = world;
    const study = await world.openedStudy();
    const [from = "", to = ""] = world.arbitratorIds;
    const key = await study.firstOf(from);
    await openArbitrationCase(db, key, now);
    await saveArbitrationDraft(db, {
      ...key,
      now,
      step: "independent",
      version: 1,
      answers: negative,
      durationMs: 5,
    });
    await lockIndependentReading(db, { ...key, version: 2, durationMs: 5, now });
    const handover = {
      actorId: world.adminId,
      readerStudyId: study.readerStudyId,
      fromId: from,
      toId: to,
      share: "unlocked" as const,
      reason: "On leave",
      now,
    };
    await expect(
      handOverArbitrations(db, { ...handover, toId: world.readerIds[0] ?? "" }),
    ).rejects.toMatchObject({ code: "plan-invalid" });
    expect(await handOverArbitrations(db, handover)).toEqual({
      movedCount: 2,
      supersededCount: 0,
      keptCount: 1,
    });
    const rows = await db.arbitration.findMany({
      where: { queue: { readerStudyId: study.readerStudyId } },
      orderBy: { position: "asc" },
    });
    expect(rows.filter(({ arbitratorId }) => arbitratorId === to).map(({ position }) => position)).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(rows.filter(({ arbitratorId }) => arbitratorId === from).map(({ id }) => id)).toEqual([
      key.arbitrationId,
    ]);
    await expect(handOverArbitrations(db, handover)).rejects.toMatchObject({ code: "conflict" });
  });

  test("is immutable once decided, as are its readings, the discordances and the readings before it", async () => {
    const { db } = world;
    const study = await world.openedStudy();
    const key = await study.firstOf(world.arbitratorIds[0]);
    await expect(
      db.arbitrationReading.create({
        data: { arbitrationId: key.arbitrationId, step: "decision", answers: {}, startedAt: now },
      }),
    ).rejects.toThrow(/not locked/);
    await decideCase(db, key, { answers: recalled, now });
    const { arbitrationId } = key;
    const { readerStudyId } = study;
    await expect(
      db.arbitration.update({ where: { id: arbitrationId }, data: { decidedAt: null } }),
    ).rejects.toThrow(/immutable/);
    await expect(
      db.arbitrationReading.updateMany({ where: { arbitrationId }, data: { durationMs: 1 } }),
    ).rejects.toThrow(/immutable/);
    await expect(
      db.discordance.updateMany({ where: { queue: { readerStudyId } }, data: { statement: "else" } }),
    ).rejects.toThrow(/immutable/);
    await expect(
      db.reading.updateMany({ where: { assignment: { readerStudyId } }, data: { durationMs: 1 } }),
    ).rejects.toThrow(/immutable/);
    await expect(db.arbitrationQueue.deleteMany({ where: { readerStudyId } })).rejects.toThrow(/stay/);
    await expect(
      saveArbitrationDraft(db, {
        ...key,
        now,
        step: "decision",
        version: 2,
        answers: negative,
        durationMs: 1,
      }),
    ).rejects.toMatchObject({ code: "reading-already-locked" });
  });

  test("keeps the record of readings and decision beside each other, and whose marks were kept", async () => {
    const { db } = world;
    const study = await world.openedStudy();
    const key = await study.firstOf(world.arbitratorIds[1]);
    const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const blind = { readerStudyId: study.readerStudyId, caseId, viewerId: key.arbitratorId };
    await expect(loadCaseRecord(db, blind)).rejects.toMatchObject({ code: "not-found" });
    const waiting = await loadCaseRecord(db, { ...blind, viewerId: world.adminId });
    expect(waiting.arbitration).toMatchObject({ arbitratorName: "arbitrator-2", decided: null });
    await decideCase(db, key, { answers: recalled, now });
    const record = await loadCaseRecord(db, { ...blind, viewerId: world.adminId });
    expect(record.readings).toHaveLength(4);
    expect(record.arbitration?.decided).toMatchObject({
      independent: { durationMs: 200, isLocked: true },
      decision: { durationMs: 300, answers: recalled },
    });
    expect(await loadExportedArbitration(db, { readerStudyId: study.readerStudyId, caseId })).toMatchObject({
      decided: { arbitratorId: key.arbitratorId, decidedAt: now, decision: { answers: recalled } },
    });
  });
});
