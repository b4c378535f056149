import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answersOf, seedRadiologist, seedReadStudy, setReference } from "../../../tests/arbitration-world.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadExportedArbitration } from "./arbitration-export.ts";
import { decideArbitration, lockIndependentReading, saveArbitrationDraft } from "./arbitration-drafts.ts";
import { handOverArbitrations } from "./arbitration-handover.ts";
import { listArbitratorChoices, openArbitration, type ChosenRules } from "./arbitration-queue.ts";
import { listArbitrationWorkLists } from "./arbitration-work-list.ts";
import { openArbitrationCase } from "./arbitrations.ts";
import { loadCaseRecord } from "./arbitration-record.ts";
import { listSettledBreasts } from "./consensus-list.ts";
import { applyConsensus } from "./consensus.ts";
import { listDiscordances } from "./discordance-list.ts";
import { loadReaderStudyData } from "./reader-study-data.ts";
import { loadLabelHistory } from "./label-history.ts";
import { loadLabelStates } from "./label-state.ts";
import { changeLabels } from "./reference-standards.ts";
import { whereIndependentOf } from "./consensus-provenance.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
let arbitratorIds: string[];
let adminId: string;
const now = new Date("2027-01-05T10:00:00Z");

const rules: ChosenRules = {
  kinds: ["reader-reader"],
  thresholds: { biradsSteps: 3, suspicionPoints: null },
  earlierCheckpointId: null,
};
const negative = answersOf(["1", 2], ["1", 3]);
const recalled = answersOf(["1", 2], ["4B", 70], { comment: "SECRET opinion" });

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 4 });
  arbitratorIds = [
    await seedRadiologist(database.db, "arbitrator-1", world.siteIds),
    await seedRadiologist(database.db, "arbitrator-2", world.siteIds),
  ];
  const admin = await database.db.user.create({
    data: {
      email: "admin@example.org",
      name: "Admin",
      passwordHash: "x",
      memberships: { create: { role: "admin" } },
    },
  });
  adminId = admin.id;
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Two readers of all eight cases; they differ on the left breast of the first four. */
function readings() {
  const [first = "", second = ""] = world.readerIds;
  return world.caseIds.flatMap((caseId, index) => [
    { readerId: first, caseId, unaided: negative, aided: index < 4 ? recalled : negative },
    { readerId: second, caseId, aided: negative },
  ]);
}
const newStudy = (state: "open" | "closed" = "closed") =>
  seedReadStudy(database.db, world, { readings: readings(), state });
const planOf = (readerStudyId: string) => ({
  readerStudyId,
  actorId: adminId,
  rules,
  arbitratorIds,
  controlCount: 2,
  seed: 5,
  now,
});

async function openedStudy() {
  const readerStudyId = await newStudy();
  await openArbitration(database.db, planOf(readerStudyId));
  const firstOf = async (arbitratorId: string) => {
    const { id } = await database.db.arbitration.findFirstOrThrow({
      where: { queue: { readerStudyId }, arbitratorId, position: 0 },
    });
    return { arbitratorId, arbitrationId: id };
  };
  return { readerStudyId, firstOf };
}

async function decide(key: { arbitratorId: string; arbitrationId: string }, answers = recalled) {
  const { db } = database;
  const opened = await openArbitrationCase(db, key, now);
  const { version } = opened.independent;
  await saveArbitrationDraft(db, { ...key, now, step: "independent", version, answers, durationMs: 100 });
  await lockIndependentReading(db, { ...key, version: version + 1, durationMs: 200, now });
  return decideArbitration(db, { ...key, version: 1, durationMs: 300, now });
}

describe("the queue", () => {
  test("is refused while a study is open, in the database too", async () => {
    const readerStudyId = await newStudy("open");
    await expect(openArbitration(database.db, planOf(readerStudyId))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(
      database.db.arbitrationQueue.create({ data: { readerStudyId, seed: 1, rules: {}, openedAt: now } }),
    ).rejects.toThrow(/not closed/);
  });

  test("takes discordant cases and controls once, however often it is opened", async () => {
    const readerStudyId = await newStudy();
    const both = await Promise.all([
      openArbitration(database.db, planOf(readerStudyId)),
      openArbitration(database.db, planOf(readerStudyId)),
    ]);
    expect(both).toContainEqual({ discordanceCount: 4, discordantCaseCount: 4, controlCount: 2 });
    expect(both).toContainEqual({ discordanceCount: 0, discordantCaseCount: 0, controlCount: 0 });
    const rows = await database.db.arbitration.findMany({
      where: { queue: { readerStudyId } },
      orderBy: { position: "asc" },
    });
    expect(rows).toHaveLength(6);
    expect(rows.filter((row) => row.arbitratorId === arbitratorIds[0]).map((row) => row.position)).toEqual([
      0, 1, 2,
    ]);
    const discordantIds = new Set(world.caseIds.slice(0, 4));
    expect(rows.filter(({ caseId }) => !discordantIds.has(caseId))).toHaveLength(2);
    await expect(
      openArbitration(database.db, {
        ...planOf(readerStudyId),
        rules: { ...rules, kinds: ["reader-ai"] },
      }),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  test("takes nobody who read the case, in the database neither", async () => {
    const readerStudyId = await newStudy();
    const [reader = ""] = world.readerIds;
    await expect(
      openArbitration(database.db, { ...planOf(readerStudyId), arbitratorIds: [reader] }),
    ).rejects.toThrow(/Nobody of the chosen may arbitrate 6 of 6 cases/);
    expect(await database.db.arbitrationQueue.count({ where: { readerStudyId } })).toBe(0);
    await openArbitration(database.db, planOf(readerStudyId));
    const queue = await database.db.arbitrationQueue.findUniqueOrThrow({ where: { readerStudyId } });
    const free = await database.db.case.findFirstOrThrow({
      where: { arbitrations: { none: { queueId: queue.id } }, assignments: { some: { readerStudyId } } },
    });
    await expect(
      database.db.arbitration.create({
        data: { queueId: queue.id, caseId: free.id, arbitratorId: reader, position: 99 },
      }),
    ).rejects.toThrow(/cannot arbitrate/);
  });

  test("takes nobody who is no radiologist of the case's site", async () => {
    const readerStudyId = await newStudy();
    const here = await seedRadiologist(database.db, `here-${randomUUID()}`, world.siteIds.slice(1));
    await expect(
      openArbitration(database.db, { ...planOf(readerStudyId), arbitratorIds: [here], controlCount: 0 }),
    ).rejects.toThrow(/may arbitrate 4 of 4 cases/);
    const { caseCount, choices } = await listArbitratorChoices(database.db, readerStudyId);
    expect(caseCount).toBe(8);
    expect(choices.find(({ userId }) => userId === here)?.caseCount).toBe(4);
    expect(choices.find(({ userId }) => userId === arbitratorIds[0])?.caseCount).toBe(8);
    expect(choices.some(({ userId }) => world.readerIds.includes(userId))).toBe(false);
  });

  test("shows what would be found, by kind and site, and then what is on record", async () => {
    const readerStudyId = await newStudy();
    const query = { readerStudyId, viewerId: adminId, rules, offset: 0, pageSize: 50 };
    const before = await listDiscordances(database.db, query);
    expect(before).toMatchObject({
      queue: null,
      caseCount: 8,
      discordantBreastCount: 4,
      countsByKind: { "reader-reader": 4, "reader-ai": 0 },
    });
    expect(before.rows[0]?.readers.map(({ readerName, ...said }) => [readerName, said])).toEqual([
      ["reader-1", { unaided: { birads: "1", suspicion: 3 }, aided: { birads: "4B", suspicion: 70 } }],
      ["reader-2", { unaided: { birads: "1", suspicion: 3 }, aided: { birads: "1", suspicion: 3 } }],
    ]);
    const here = await listDiscordances(database.db, { ...query, siteId: world.siteIds[1] ?? "" });
    expect([here.totalCount, here.countsByKind["reader-reader"]]).toEqual([0, 0]);
    await openArbitration(database.db, planOf(readerStudyId));
    const after = await listDiscordances(database.db, query);
    expect(after.queue).toMatchObject({ caseCount: 6, controlCount: 2, decidedCount: 0 });
    expect(after.rows.map(({ caseId }) => caseId)).toEqual(before.rows.map(({ caseId }) => caseId));
    expect(after.rows[0]?.arbitration).toMatchObject({ state: "waiting" });
    const arbitrator = await listDiscordances(database.db, { ...query, viewerId: arbitratorIds[0] ?? "" });
    expect(arbitrator.hiddenCaseCount).toBe(3);
  });
});

describe("an arbitration", () => {
  test("shows the other readings after the lock only, unnamed, without comment, and reads in order", async () => {
    const study = await openedStudy();
    const key = await study.firstOf(arbitratorIds[0] ?? "");
    const opened = await openArbitrationCase(database.db, key, now);
    expect(opened.revealed).toBeNull();
    const { id: nextId } = await database.db.arbitration.findFirstOrThrow({
      where: { queue: { readerStudyId: study.readerStudyId }, arbitratorId: key.arbitratorId, position: 1 },
    });
    await expect(
      openArbitrationCase(database.db, { ...key, arbitrationId: nextId }, now),
    ).rejects.toMatchObject({ code: "conflict" });
    await saveArbitrationDraft(database.db, {
      ...key,
      now,
      step: "independent",
      version: 1,
      answers: negative,
      durationMs: 5,
    });
    const revealed = await lockIndependentReading(database.db, { ...key, version: 2, durationMs: 9, now });
    expect(revealed.decision).toMatchObject({ version: 1, answers: negative });
    expect(revealed.readings).toHaveLength(2);
    expect(Object.keys(revealed.readings[0] ?? {}).toSorted()).toEqual(["breasts", "density", "marks"]);
    const { nextArbitrationId } = await decideArbitration(database.db, {
      ...key,
      version: 1,
      durationMs: 7,
      now,
    });
    expect(nextArbitrationId).toBe(nextId);
    const list = (await listArbitrationWorkLists(database.db, key.arbitratorId, now)).find(
      (each) => each.nextArbitrationId === nextId,
    );
    expect(list).toMatchObject({ caseCount: 3, decidedCount: 1, medianDurationMs: 16, isNextStarted: false });
  });

  test("answers an older draft with the stored one, and a repeated save with its version", async () => {
    const key = await (await openedStudy()).firstOf(arbitratorIds[0] ?? "");
    await openArbitrationCase(database.db, key, now);
    const draft = { ...key, now, step: "independent" as const, version: 1, answers: negative, durationMs: 5 };
    expect(await saveArbitrationDraft(database.db, draft)).toEqual({ ok: true, version: 2 });
    expect(await saveArbitrationDraft(database.db, draft)).toEqual({ ok: true, version: 2 });
    expect(await saveArbitrationDraft(database.db, { ...draft, answers: recalled })).toMatchObject({
      ok: false,
      stored: { version: 2, answers: negative },
    });
  });

  test("locks and decides once, whether a call comes twice at once or again because its answer was lost", async () => {
    const { db } = database;
    const key = await (await openedStudy()).firstOf(arbitratorIds[0] ?? "");
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
    const key = await (await openedStudy()).firstOf(arbitratorIds[0] ?? "");
    await expect(
      openArbitrationCase(database.db, { ...key, arbitratorId: arbitratorIds[1] ?? "" }, now),
    ).rejects.toMatchObject({ code: "not-found" });
    await openArbitrationCase(database.db, key, now);
    await expect(
      lockIndependentReading(database.db, { ...key, version: 1, durationMs: 5, now }),
    ).rejects.toMatchObject({ code: "usage" });
  });

  test("is handed over with its place and without its draft, unless it is locked or the other one read it", async () => {
    const { db } = database;
    const study = await openedStudy();
    const [from = "", to = ""] = arbitratorIds;
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
      actorId: adminId,
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
    const { db } = database;
    const study = await openedStudy();
    const key = await study.firstOf(arbitratorIds[0] ?? "");
    await expect(
      db.arbitrationReading.create({
        data: { arbitrationId: key.arbitrationId, step: "decision", answers: {}, startedAt: now },
      }),
    ).rejects.toThrow(/not locked/);
    await decide(key);
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
    const { db } = database;
    const study = await openedStudy();
    const key = await study.firstOf(arbitratorIds[1] ?? "");
    const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const blind = { readerStudyId: study.readerStudyId, caseId, viewerId: key.arbitratorId };
    await expect(loadCaseRecord(db, blind)).rejects.toMatchObject({ code: "not-found" });
    const waiting = await loadCaseRecord(db, { ...blind, viewerId: adminId });
    expect(waiting.arbitration).toMatchObject({ arbitratorName: "arbitrator-2", decided: null });
    await decide(key);
    const record = await loadCaseRecord(db, { ...blind, viewerId: adminId });
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

describe("a consensus", () => {
  async function decidedCase() {
    const study = await openedStudy();
    const key = await study.firstOf(arbitratorIds[0] ?? "");
    await decide(key);
    const { caseId } = await database.db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const request = {
      viewer: { userId: adminId, scope: "all" as const },
      readerStudyId: study.readerStudyId,
      caseId,
      laterality: "L" as const,
      finding: "malignant" as const,
      reason: "Arbitration of the study",
      version: (await database.db.case.findUniqueOrThrow({ where: { id: caseId } })).labelVersion,
      acknowledgesFrozen: true,
      now,
    };
    return { ...study, key, caseId, request };
  }

  test("becomes the reference standard with its arbitration and readings, and stays in the history", async () => {
    const { db } = database;
    const { caseId, key, readerStudyId, request } = await decidedCase();
    await setReference(db, { caseId, laterality: "L" }, { finding: "benign", source: "data_set" });
    await expect(applyConsensus(db, { ...request, finding: "benign" })).rejects.toMatchObject({
      code: "label-invalid",
    });
    await expect(applyConsensus(db, { ...request, acknowledgesFrozen: false })).rejects.toThrow(
      /Frozen cohort/,
    );
    await expect(applyConsensus(db, { ...request, reason: " " })).rejects.toMatchObject({ code: "usage" });
    await applyConsensus(db, request);
    const standard = await db.referenceStandard.findFirstOrThrow({
      where: { caseId, laterality: "L", supersededAt: null },
      include: { consensus: true },
    });
    expect(standard).toMatchObject({
      finding: "malignant",
      source: "reader_consensus",
      readerStudyId,
      arbitrationId: key.arbitrationId,
    });
    expect(standard.consensus).toHaveLength(2);
    const [newest] = (await loadLabelHistory(db, caseId)).filter(
      ({ statement }) => statement.kind === "reference" && statement.laterality === "L",
    );
    expect(newest?.statement).toMatchObject({
      source: "reader-consensus",
      consensus: { readerStudyId, readingCount: 2, arbitratedAt: now },
    });
    const event = await db.auditEvent.findFirstOrThrow({
      where: { action: "consensus.apply", entityId: caseId },
      orderBy: { sequence: "desc" },
    });
    expect(JSON.stringify(event.details)).toContain("must not score these readers");
    await expect(applyConsensus(db, { ...request, version: request.version + 1 })).rejects.toThrow(
      /says this already/,
    );
    await expect(
      db.referenceStandard.update({ where: { id: standard.id }, data: { arbitrationId: null } }),
    ).rejects.toThrow(/immutable/);
  });

  test("keeps its origin when it is put back in force after something else was", async () => {
    const { db } = database;
    const { caseId, key, request } = await decidedCase();
    await setReference(db, { caseId, laterality: "L" }, { finding: "benign", source: "data_set" });
    await applyConsensus(db, request);
    const putBack = async (source: "pathology" | "reader-consensus") => {
      const state = (await loadLabelStates(db, [caseId])).get(caseId);
      if (state === undefined) throw new Error("The case is gone.");
      const L = { ...state.labels.breasts.L, source };
      await changeLabels(db, {
        viewer: request.viewer,
        caseId,
        version: state.version,
        labels: { ...state.labels, breasts: { ...state.labels.breasts, L } },
        reason: "Correction",
        acknowledgesFrozen: true,
        now,
      });
      return db.referenceStandard.findFirstOrThrow({
        where: { caseId, laterality: "L", supersededAt: null },
        include: { consensus: true },
      });
    };
    expect(await putBack("pathology")).toMatchObject({ readerStudyId: null, consensus: [] });
    const again = await putBack("reader-consensus");
    expect(again).toMatchObject({
      readerStudyId: request.readerStudyId,
      arbitrationId: key.arbitrationId,
    });
    expect(again.consensus).toHaveLength(2);
  });

  test("scores neither the study that it was made of nor other studies of these readers", async () => {
    const { db } = database;
    const { caseId, readerStudyId, request } = await decidedCase();
    await setReference(db, { caseId, laterality: "L" }, { finding: "benign", source: "data_set" });
    await applyConsensus(db, request);
    const other = await newStudy();
    const stranger = await seedRadiologist(db, `stranger-${randomUUID()}`, world.siteIds);
    const elsewhere = await seedReadStudy(db, world, {
      readings: [{ readerId: stranger, caseId, aided: negative }],
    });
    const independent = (studyId: string) =>
      db.referenceStandard.findMany({
        where: { caseId, supersededAt: null, ...whereIndependentOf(studyId) },
        select: { laterality: true },
        orderBy: { laterality: "asc" },
      });
    expect(await independent(readerStudyId)).toEqual([{ laterality: "R" }]);
    expect(await independent(other)).toEqual([{ laterality: "R" }]);
    expect(await independent(elsewhere)).toEqual([{ laterality: "L" }, { laterality: "R" }]);
    const own = async (studyId: string) =>
      (await loadReaderStudyData(db, studyId))?.breasts.filter(
        (breast) => breast.caseId === caseId && breast.isOwnConsensus,
      );
    expect(await own(other)).toMatchObject([{ laterality: "L", isMalignant: true }]);
    expect(await own(elsewhere)).toEqual([]);
  });

  test("is refused over pathology, before the decision, and of BI-RADS that readers alone cannot settle", async () => {
    const { db } = database;
    const study = await openedStudy();
    const key = await study.firstOf(arbitratorIds[0] ?? "");
    const { caseId } = await db.arbitration.findUniqueOrThrow({ where: { id: key.arbitrationId } });
    const request = {
      viewer: { userId: adminId, scope: "all" as const },
      readerStudyId: study.readerStudyId,
      caseId,
      laterality: "R" as const,
      finding: "benign" as const,
      reason: "x",
      version: 0,
      acknowledgesFrozen: true,
      now,
    };
    await expect(applyConsensus(db, request)).rejects.toThrow(/not decided yet/);
    await decide(key, answersOf(["3", 20], ["2", 5]));
    await expect(applyConsensus(db, request)).rejects.toThrow(/BI-RADS 3 decides nothing/);
    await setReference(db, { caseId, laterality: "L" }, { finding: "malignant", source: "pathology" });
    await expect(applyConsensus(db, { ...request, laterality: "L" })).rejects.toThrow(/pathology/);
  });

  test("of unanimous readings needs no arbitration and names the readings", async () => {
    const { db } = database;
    const study = await openedStudy();
    const query = { readerStudyId: study.readerStudyId, viewerId: adminId, offset: 0, pageSize: 50 };
    const unanimous = await listSettledBreasts(db, { ...query, basis: "unanimous" });
    // Eight cases less six in arbitration, two breasts each.
    expect(unanimous.totalCount).toBe(4);
    expect((await listSettledBreasts(db, { ...query, basis: "arbitration" })).totalCount).toBe(0);
    const [row] = unanimous.rows;
    const caseId = row?.caseId ?? "";
    const { labelVersion } = await db.case.findUniqueOrThrow({ where: { id: caseId } });
    await applyConsensus(db, {
      viewer: { userId: adminId, scope: "all" },
      readerStudyId: study.readerStudyId,
      caseId,
      laterality: "R",
      finding: "normal",
      reason: "Unanimous",
      version: labelVersion,
      acknowledgesFrozen: true,
      now,
    });
    const standard = await db.referenceStandard.findFirstOrThrow({
      where: { caseId, laterality: "R", supersededAt: null },
      include: { consensus: { include: { reading: true } } },
    });
    expect(standard.arbitrationId).toBeNull();
    expect(standard.consensus.map(({ reading }) => reading.condition)).toEqual(["aided", "aided"]);
  });
});
