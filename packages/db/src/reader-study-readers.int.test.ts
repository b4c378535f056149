import {
  defaultReaderStudySettings,
  type ReaderStudySettings,
} from "@crossread/contracts/reader-study-settings";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCase } from "../../../tests/read-case.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadImageBlobs } from "./image-access.ts";
import { listReaderStudies } from "./reader-study-list.ts";
import type { ReaderStudyPlan } from "./reader-study-plan.ts";
import { previewReaderStudy } from "./reader-study-preview.ts";
import { loadReaderStudy } from "./reader-study-progress.ts";
import { acceptInvitation, addReader, declineInvitation, withdrawReader } from "./reader-study-readers.ts";
import {
  changeReaderStudyDraft,
  closeReaderStudy,
  discardReaderStudyDraft,
  draftReaderStudy,
  openReaderStudy,
} from "./reader-studies.ts";
import { listReadingWorkLists } from "./reading-work-list.ts";
import { openReadingCase } from "./readings.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
let readers: string[];
let adminId: string;
const now = new Date("2026-11-23T10:00:00Z");

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 3 });
  readers = [...world.readerIds];
  for (let index = 3; index <= 6; index++) {
    const { id } = await database.db.user.create({
      data: {
        email: `reader-${index}@example.org`,
        name: `reader-${index}`,
        passwordHash: "x",
        memberships: { create: world.siteIds.map((siteId) => ({ siteId, role: "radiologist" as const })) },
      },
    });
    readers.push(id);
  }
  const admin = await database.db.user.create({
    data: { email: "admin@example.org", name: "admin", passwordHash: "x" },
  });
  adminId = admin.id;
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const planOf = (
  readerIds: readonly string[],
  settings: Partial<ReaderStudySettings> = {},
): ReaderStudyPlan & { createdBy: string } => ({
  name: `Study ${randomUUID()}`,
  cohortId: world.cohortId,
  checkpointId: world.checkpointId,
  split: "internal-test",
  readerIds,
  caseLimit: 6,
  seed: 3,
  createdBy: adminId,
  settings: { ...defaultReaderStudySettings, ...settings },
});

async function openStudy(readerIds: readonly string[], settings: Partial<ReaderStudySettings> = {}) {
  const { readerStudyId } = await draftReaderStudy(database.db, planOf(readerIds, settings));
  await openReaderStudy(database.db, { readerStudyId, actorId: adminId, now });
  return readerStudyId;
}

const keyOf = (readerStudyId: string, index: number) => ({
  readerStudyId,
  readerId: readers[index] ?? "",
  actorId: adminId,
  now,
});
const firstOf = async (readerStudyId: string, readerId: string) =>
  (
    await database.db.readingAssignment.findFirstOrThrow({
      where: { readerStudyId, readerId },
      orderBy: { position: "asc" },
    })
  ).id;
const load = (readerStudyId: string, scope: "all" | readonly string[] = "all") =>
  loadReaderStudy(database.db, { readerStudyId, viewerId: adminId, scope, now });
const actionsOf = async (readerStudyId: string) =>
  (
    await database.db.auditEvent.findMany({
      where: { entityId: readerStudyId },
      orderBy: { sequence: "asc" },
    })
  ).map(({ action }) => action);

describe("a draft", () => {
  test("invites nobody, can be changed and discarded, and only then", async () => {
    const { db } = database;
    const { readerStudyId } = await draftReaderStudy(db, planOf(readers.slice(0, 2)));
    const act = { readerStudyId, actorId: adminId };
    expect(await listReadingWorkLists(db, readers[0] ?? "", now)).toEqual([]);
    await expect(acceptInvitation(db, keyOf(readerStudyId, 0))).rejects.toMatchObject({ code: "conflict" });
    const plan = planOf(readers.slice(0, 3), { design: "crossover" });
    await changeReaderStudyDraft(db, { ...act, plan: { ...plan, caseLimit: 4 } });
    expect(await load(readerStudyId)).toMatchObject({
      name: plan.name,
      settings: { design: "crossover" },
      cases: { caseCount: 4, malignantCount: 2 },
      readingCount: 24,
    });
    await openReaderStudy(db, { ...act, now });
    await expect(openReaderStudy(db, { ...act, now })).rejects.toThrow(
      `Only a draft can be opened, but "${plan.name}" is open.`,
    );
    await expect(discardReaderStudyDraft(db, act)).rejects.toThrow("Only a draft can be discarded");
    await expect(changeReaderStudyDraft(db, { ...act, plan })).rejects.toThrow("Only a draft can be changed");
    const other = await draftReaderStudy(db, planOf(readers.slice(0, 1)));
    await discardReaderStudyDraft(db, { ...act, readerStudyId: other.readerStudyId });
    await expect(load(other.readerStudyId)).rejects.toMatchObject({ code: "not-found" });
    expect(await actionsOf(readerStudyId)).toEqual([
      "reader-study.create",
      "reader-study.change",
      "reader-study.open",
    ]);
    expect(await actionsOf(other.readerStudyId)).toEqual(["reader-study.create", "reader-study.discard"]);
    await closeReaderStudy(db, readerStudyId);
  });

  test("is previewed as it will be, without the share of findings for who still reads blind", async () => {
    const { db } = database;
    const { readerIds, createdBy, name: _name, ...draw } = planOf(readers.slice(0, 4));
    const plan = { ...draw, readerCount: readerIds.length };
    expect(await previewReaderStudy(db, { ...plan, viewerId: createdBy })).toMatchObject({
      caseCount: 6,
      malignantCount: 4,
      casesPerReader: { fewest: 6, most: 6 },
    });
    const settings = { ...defaultReaderStudySettings, allocation: "double-reading" as const };
    const readerStudyId = await openStudy(readers.slice(0, 4));
    expect(await previewReaderStudy(db, { ...plan, settings, viewerId: readers[0] ?? "" })).toMatchObject({
      malignantCount: null,
      casesPerReader: { fewest: 3, most: 3 },
    });
    await closeReaderStudy(db, readerStudyId);
  });
});

describe("an invitation", () => {
  test("comes before any reading, image or answer", async () => {
    const { db } = database;
    const readerStudyId = await openStudy(readers.slice(0, 2));
    const key = keyOf(readerStudyId, 0);
    const assignmentId = await firstOf(readerStudyId, key.readerId);
    const [list] = await listReadingWorkLists(db, key.readerId, now);
    expect(list).toMatchObject({ participation: "invited", caseCount: 6, nextAssignmentId: null });
    await expect(openReadingCase(db, { ...key, assignmentId }, now)).rejects.toThrow(
      "Accept the invitation to",
    );
    const { id: instanceId } = await db.instance.findFirstOrThrow({
      where: { case: { assignments: { some: { id: assignmentId } } } },
    });
    const image = () => loadImageBlobs(db, { userId: key.readerId, scope: [] }, instanceId);
    await expect(image()).rejects.toMatchObject({ code: "not-found" });
    await acceptInvitation(db, key);
    await image();
    expect((await listReadingWorkLists(db, key.readerId, now))[0]).toMatchObject({
      participation: "accepted",
      nextAssignmentId: assignmentId,
    });
    await expect(acceptInvitation(db, key)).rejects.toMatchObject({ code: "conflict" });
    await closeReaderStudy(db, readerStudyId);
  });

  test("that is declined is final, keeps its reason, and frees the reader from blindness", async () => {
    const { db } = database;
    const readerStudyId = await openStudy(readers.slice(0, 2));
    const key = keyOf(readerStudyId, 1);
    await declineInvitation(db, { ...key, reason: "On leave" });
    expect(await listReadingWorkLists(db, key.readerId, now)).toEqual([]);
    const assignmentId = await firstOf(readerStudyId, key.readerId);
    await expect(openReadingCase(db, { ...key, assignmentId }, now)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect((await load(readerStudyId)).readers).toContainEqual(
      expect.objectContaining({ participation: "declined", reason: "On leave" }),
    );
    const { readerIds: _readerIds, ...plan } = planOf([]);
    const preview = await previewReaderStudy(db, { ...plan, readerCount: 1, viewerId: key.readerId });
    expect(preview.malignantCount).toBe(4);
    await expect(addReader(db, key)).rejects.toThrow("was invited and declined");
    expect(await closeReaderStudy(db, readerStudyId)).toEqual({ unfinishedCount: 6 });
    await expect(declineInvitation(db, { ...keyOf(readerStudyId, 0), reason: "Late" })).rejects.toMatchObject(
      {
        code: "conflict",
      },
    );
  });
});

describe("while a study is open", () => {
  test("a withdrawn reader keeps what was locked and reads no more", async () => {
    const { db } = database;
    const readerStudyId = await openStudy(readers.slice(0, 2));
    const key = keyOf(readerStudyId, 0);
    await acceptInvitation(db, key);
    const { nextAssignmentId } = await readCase(
      db,
      { ...key, assignmentId: await firstOf(readerStudyId, key.readerId) },
      now,
    );
    const next = { ...key, assignmentId: nextAssignmentId ?? "" };
    await openReadingCase(db, next, now);
    expect(await withdrawReader(db, { ...key, reason: "Left the hospital" })).toEqual({
      submittedCount: 1,
      stoppedCount: 5,
    });
    await expect(openReadingCase(db, next, now)).rejects.toThrow("You were withdrawn from");
    expect(await listReadingWorkLists(db, key.readerId, now)).toEqual([]);
    expect(await load(readerStudyId)).toMatchObject({ submittedCount: 1, readingCount: 7 });
    await expect(withdrawReader(db, { ...key, reason: "Again" })).rejects.toMatchObject({ code: "conflict" });
    await expect(addReader(db, key)).rejects.toThrow("was withdrawn");
    expect(await closeReaderStudy(db, readerStudyId)).toEqual({ unfinishedCount: 6 });
    expect(
      await db.reading.count({ where: { assignment: { readerStudyId }, lockedAt: { not: null } } }),
    ).toBe(2);
    expect(await actionsOf(readerStudyId)).toEqual([
      "reader-study.create",
      "reader-study.open",
      "reader-study.accept",
      "reader-study.withdraw-reader",
    ]);
  });

  test("a reader is added to every case, and nobody who may not read all of them", async () => {
    const { db } = database;
    const readerStudyId = await openStudy(readers.slice(0, 2), { design: "crossover" });
    expect(await addReader(db, keyOf(readerStudyId, 2))).toEqual({ readingCount: 12 });
    await expect(addReader(db, keyOf(readerStudyId, 2))).rejects.toThrow("in the study already");
    await expect(
      addReader(db, { ...keyOf(readerStudyId, 3), readerId: world.outsiderId }),
    ).rejects.toMatchObject({ code: "plan-invalid" });
    expect((await listReadingWorkLists(db, readers[2] ?? "", now)).map((row) => row.participation)).toEqual([
      "invited",
    ]);
    await closeReaderStudy(db, readerStudyId);
    await expect(addReader(db, keyOf(readerStudyId, 3))).rejects.toThrow(
      "Readers change while a study is open",
    );
  });

  test("a reader who is added to a split plot joins the smallest group", async () => {
    const { db } = database;
    const readerStudyId = await openStudy(readers.slice(0, 4), { allocation: "split-plot", groupCount: 2 });
    const gone = (await load(readerStudyId)).readers?.[0];
    await withdrawReader(db, { ...keyOf(readerStudyId, 0), readerId: gone?.readerId ?? "", reason: "Left" });
    expect(await addReader(db, keyOf(readerStudyId, 4))).toEqual({ readingCount: 3 });
    const group = (await load(readerStudyId)).readers ?? [];
    const added = group.find(({ readerId }) => readerId === readers[4]);
    expect(added?.groupIndex).toBe(gone?.groupIndex);
    const casesOf = async (readerId: string) =>
      (
        await db.readingAssignment.findMany({
          where: { readerStudyId, readerId },
          orderBy: { caseId: "asc" },
        })
      ).map(({ caseId }) => caseId);
    expect(await casesOf(readers[4] ?? "")).toEqual(await casesOf(gone?.readerId ?? ""));
    await closeReaderStudy(db, readerStudyId);
  });

  test("under double reading a new reader takes over what lost one, and nothing else", async () => {
    const { db } = database;
    const readerStudyId = await openStudy(readers.slice(0, 3), { allocation: "double-reading" });
    await expect(addReader(db, keyOf(readerStudyId, 3))).rejects.toThrow("Every case has its 2 readers");
    const key = keyOf(readerStudyId, 0);
    await acceptInvitation(db, key);
    await readCase(db, { ...key, assignmentId: await firstOf(readerStudyId, key.readerId) }, now);
    await withdrawReader(db, { ...key, reason: "Left" });
    // Four cases each, of which one is read and keeps its two readers.
    expect(await addReader(db, keyOf(readerStudyId, 3))).toEqual({ readingCount: 3 });
    await closeReaderStudy(db, readerStudyId);
  });
});

test("who oversees a site sees the totals of studies with its cases, neither drafts nor names", async () => {
  const { db } = database;
  const scope = [world.siteIds[0] ?? ""];
  const { readerStudyId: draftId } = await draftReaderStudy(db, planOf(readers.slice(0, 2)));
  const readerStudyId = await openStudy(readers.slice(0, 2));
  const listed = async (within: readonly string[]) =>
    (await listReaderStudies(db, within)).map((row) => row.readerStudyId);
  expect(await listed(scope)).toContain(readerStudyId);
  expect(await listed(scope)).not.toContain(draftId);
  expect(await listed([randomUUID()])).toEqual([]);
  const seen = await load(readerStudyId, scope);
  expect(seen).toMatchObject({ readers: null, cases: null, readingCount: 12, submittedCount: 0 });
  expect(JSON.stringify([seen, await listReaderStudies(db, scope)])).not.toMatch(/reader-\d/);
  await expect(load(draftId, scope)).rejects.toMatchObject({ code: "not-found" });
  await expect(load(readerStudyId, [randomUUID()])).rejects.toMatchObject({ code: "not-found" });
});
