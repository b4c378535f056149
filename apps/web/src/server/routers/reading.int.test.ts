import { randomUUID } from "node:crypto";
import type { Membership } from "@crossread/contracts/role";
import { createReaderStudy } from "@crossread/db/reader-studies";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { completeRating } from "../../../../../tests/read-case.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { answerInstance, answerMap, answerThumbnail } from "../../features/viewer/image-answers.ts";
import { access } from "../access.ts";
import { createCaller } from "../root.ts";
import { answering, type RouteContext } from "../route-answer.ts";
import { askEverything } from "../testing/ask-everything.ts";

vi.mock("server-only", () => ({}));

let database: TestDatabase;
let world: ReaderStudyWorld;
let readerId: string;
let assignmentIds: string[];

/** Anything that would tell a reader what the case is, where it is from or what the model and others say. */
let secrets: string[];

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 2 });
  readerId = world.readerIds[0] ?? "";
  const maps = await database.db.saliencyMap.findMany({ select: { id: true } });
  secrets = ["SECRET", "Secret Vendor", "malignant", "0.8125", ...maps.map((map) => map.id)];
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const { readerStudyId } = await createReaderStudy(database.db, {
    name: `Study ${randomUUID()}`,
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: world.readerIds,
    caseLimit: 4,
    seed: 5,
    createdBy: null,
  });
  const rows = await database.db.readingAssignment.findMany({
    where: { readerStudyId, readerId },
    orderBy: { position: "asc" },
  });
  assignmentIds = rows.map((row) => row.id);
});

const radiologist = (): Membership[] => world.siteIds.map((siteId) => ({ role: "radiologist", siteId }));

function actorWith(memberships: readonly Membership[], userId = readerId) {
  return { userId, name: "Reader", email: "reader@example.org", memberships };
}

function callerWith(memberships: readonly Membership[], userId = readerId) {
  return createCaller({
    actor: actorWith(memberships, userId),
    db: database.web,
    queue: async () => ({ enqueue: async () => undefined }),
  });
}

const answers = {
  breasts: { R: { birads: "2" as const, suspicion: 5 }, L: { birads: "4B" as const, suspicion: 70 } },
  density: "C" as const,
  marks: [],
  comment: "",
};

async function lockFirst(caller: ReturnType<typeof callerWith>) {
  const assignmentId = assignmentIds[0] ?? "";
  const opened = await caller.reading.open({ assignmentId });
  await caller.reading.saveDraft({
    assignmentId,
    condition: "unaided",
    version: 1,
    durationMs: 10,
    answers,
    mapRating: {},
  });
  await caller.reading.lock({ assignmentId, version: 2, durationMs: 20 });
  return { assignmentId, opened };
}

describe("before the lock", () => {
  test("no procedure tells a reader label, origin, score, map or another reader's answers", async () => {
    // Another reader has been through the case already.
    const other = world.readerIds[1] ?? "";
    const otherCaller = callerWith(radiologist(), other);
    for (const list of await otherCaller.reading.workList()) {
      const assignmentId = list.nextAssignmentId ?? "";
      await otherCaller.reading.open({ assignmentId });
      const draft = { assignmentId, condition: "unaided" as const, durationMs: 1, mapRating: {} };
      const commented = { ...answers, comment: "SECRET opinion" };
      await otherCaller.reading.saveDraft({ ...draft, version: 1, answers: commented });
    }
    const caller = callerWith(radiologist());
    const assignmentId = assignmentIds[0] ?? "";
    const { images } = await caller.reading.open({ assignmentId });
    const readCase = await database.db.readingAssignment.findUniqueOrThrow({
      where: { id: assignmentId },
      include: { case: true },
    });
    const ids = {
      assignmentId,
      caseId: readCase.caseId,
      studyId: readCase.case.studyId,
      cohortId: world.cohortId,
      checkpointId: world.checkpointId,
      siteId: readCase.case.siteId,
      instanceId: images[0]?.instanceId,
      readerStudyId: readCase.readerStudyId,
    };
    const inputs = [
      undefined,
      {},
      { page: 0 },
      { offset: 0 },
      { filter: {} },
      { cohortId: ids.cohortId, offset: 0 },
      { checkpointId: ids.checkpointId, cohortId: ids.cohortId, split: "internal-test" },
      ...Object.entries(ids).map(([name, id]) => ({ [name]: id })),
    ];
    const { answered, told } = await askEverything(caller, {
      names: Object.keys(access),
      inputs,
      hiddenFrom: (name) =>
        name.startsWith("reading.") ? [...secrets, ...world.siteIds, readCase.caseId] : secrets,
    });
    expect(told).toEqual([]);
    expect(answered).toContain("reading.open");
    expect(answered).toContain("reading.workList");
    await expect(caller.reading.aid({ assignmentId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(caller.studies.load({ studyId: ids.studyId })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("another role of the same person does not open the case either", async () => {
    const caller = callerWith([...radiologist(), { role: "admin", siteId: null }]);
    const assignment = await database.db.readingAssignment.findUniqueOrThrow({
      where: { id: assignmentIds[0] ?? "" },
      include: { case: true },
    });
    const studyId = assignment.case.studyId;
    await expect(caller.studies.load({ studyId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await caller.studies.list({ filter: {} })).rows).toEqual([]);
    const { facets, studyCount } = await caller.studies.facets({ filter: {} });
    expect([studyCount, Object.values(facets).flat()]).toEqual([0, []]);
    const { caseId, case: readCase } = assignment;
    const study = await database.db.study.findUniqueOrThrow({ where: { id: studyId } });
    const plan = await caller.labels.previewImport({
      siteId: readCase.siteId,
      fileSha256: "0".repeat(64),
      rows: [
        {
          rowNumber: 2,
          key: { by: "study", studyInstanceUid: study.studyInstanceUid },
          breasts: { L: { finding: "malignant", source: "data-set" } },
        },
      ],
      refusedRows: [],
    });
    // "The same" or "changed" would tell what the reference standard is.
    expect(plan.outcomes).toMatchObject([{ outcome: "refused", caseId: null, caseLabel: null }]);
    const unknown = {
      finding: null,
      source: null,
      followUpMonths: null,
      birads: null,
      isIntervalCancer: false,
    };
    const labels = { breasts: { R: unknown, L: unknown }, density: null };
    await expect(
      caller.labels.change({ caseId, version: 0, labels, reason: "To look", acknowledgesFrozen: true }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(
      caller.studies.changeTags({ studyIds: [studyId], add: ["seen"], remove: [] }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("cases are opened in the reader's order", async () => {
    const caller = callerWith(radiologist());
    await expect(caller.reading.open({ assignmentId: assignmentIds[2] ?? "" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });
});

describe("submitting a case", () => {
  test("answers with the next one and tells no more of it than opening it does", async () => {
    const caller = callerWith(radiologist());
    const { assignmentId } = await lockFirst(caller);
    const end = { assignmentId, version: 2, durationMs: 30 };
    await caller.reading.saveDraft({
      ...end,
      version: 1,
      condition: "aided",
      answers,
      mapRating: completeRating,
    });
    const [submitted, again] = [await caller.reading.submit(end), await caller.reading.submit(end)];
    expect(again).toEqual(submitted);
    const nextAssignmentId = assignmentIds[1] ?? "";
    expect(submitted).toEqual({
      nextAssignmentId,
      pause: null,
      opened: await caller.reading.open({ assignmentId: nextAssignmentId }),
    });
    const { caseId } = await database.db.readingAssignment.findUniqueOrThrow({
      where: { id: nextAssignmentId },
    });
    const text = JSON.stringify(submitted);
    expect([...secrets, ...world.siteIds, caseId].filter((secret) => text.includes(secret))).toEqual([]);
    expect(submitted.opened).toMatchObject({ conditions: ["unaided", "aided"], aided: null });
    await expect(caller.reading.aid({ assignmentId: nextAssignmentId })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});

describe("after the lock", () => {
  test("the aid is revealed, and the unaided answers can no longer change", async () => {
    const caller = callerWith(radiologist());
    const { assignmentId } = await lockFirst(caller);
    const aid = await caller.reading.aid({ assignmentId });
    expect(aid.images.map((image) => image.score)).toEqual([0.8125, 0.8125, 0.8125, 0.8125]);
    const late = { assignmentId, condition: "unaided" as const, version: 3, durationMs: 1, mapRating: {} };
    await expect(caller.reading.saveDraft({ ...late, answers })).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("a draft made from an older version comes back with the stored one", async () => {
    const caller = callerWith(radiologist());
    const { assignmentId } = await lockFirst(caller);
    const draft = { assignmentId, condition: "aided" as const, version: 1, durationMs: 1, mapRating: {} };
    await caller.reading.saveDraft({ ...draft, answers: { ...answers, comment: "first tab" } });
    const second = await caller.reading.saveDraft({
      ...draft,
      answers: { ...answers, comment: "second tab" },
    });
    expect(second).toMatchObject({ ok: false, stored: { version: 2, answers: { comment: "first tab" } } });
  });
});

describe("the routes of images", () => {
  const store = {
    get: async (key: string) => new TextEncoder().encode(key),
    put: async () => undefined,
    putStream: async () => undefined,
    has: async () => true,
    delete: async () => undefined,
    list: async () => [],
  };
  const contextOf = (actor: RouteContext["actor"]): RouteContext => ({ actor, db: database.web, store });
  const statusOf = async (handle: () => Promise<Response>) => (await answering(handle)).status;

  test("refuse a caller without a session and hide images of other sites", async () => {
    const instance = await database.db.instance.findFirstOrThrow({
      where: { siteId: world.siteIds[1] ?? "" },
    });
    const nobody = contextOf(undefined);
    expect(await statusOf(() => answerThumbnail(nobody, instance.id))).toBe(401);
    expect(await statusOf(() => answerInstance(nobody, instance.id))).toBe(401);
    const elsewhere = contextOf(
      actorWith([{ role: "coordinator", siteId: world.siteIds[0] ?? "" }], world.outsiderId),
    );
    expect(await statusOf(() => answerThumbnail(elsewhere, instance.id))).toBe(404);
    const here = contextOf(
      actorWith([{ role: "coordinator", siteId: world.siteIds[1] ?? "" }], world.outsiderId),
    );
    expect(await statusOf(() => answerThumbnail(here, instance.id))).toBe(200);
    expect(await statusOf(() => answerThumbnail(here, "../../etc/passwd"))).toBe(404);
  });

  test("give an assigned reader the image at once and the map after the lock only", async () => {
    const assignment = await database.db.readingAssignment.findUniqueOrThrow({
      where: { id: assignmentIds[0] ?? "" },
      include: { case: { include: { instances: { include: { saliencyMaps: true } } } } },
    });
    const instance = assignment.case.instances[0];
    const mapId = instance?.saliencyMaps[0]?.id ?? "";
    const reader = contextOf(actorWith(radiologist()));
    expect(await statusOf(() => answerThumbnail(reader, instance?.id ?? ""))).toBe(200);
    expect(await statusOf(() => answerMap(reader, mapId))).toBe(404);
    // The case may also be open, still unaided, in the studies of the other tests.
    await database.db.readerStudy.updateMany({
      where: { id: { not: assignment.readerStudyId } },
      data: { state: "closed" },
    });
    await lockFirst(callerWith(radiologist()));
    expect(await statusOf(() => answerMap(reader, mapId))).toBe(200);
  });
});
