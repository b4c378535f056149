import type { Birads } from "@crossread/contracts/reading";
import type { Membership } from "@crossread/contracts/role";
import { openArbitration } from "@crossread/db/arbitration-queue";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { answersOf, seedRadiologist, seedReadStudy, setReference } from "../../../../../tests/read-study.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { access } from "../access.ts";
import { answerThumbnail, answerMap } from "../../features/viewer/image-answers.ts";
import { createCaller } from "../root.ts";
import { answering } from "../route-answer.ts";
import { askEverything } from "../testing/ask-everything.ts";

vi.mock("server-only", () => ({}));

let database: TestDatabase;
let world: ReaderStudyWorld;
let arbitratorId: string;
let readerStudyId: string;
/** In the arbitrator's order, with the kinds that brought each case here. */
let arbitrations: { id: string; caseId: string; kinds: string[] }[];

const plain = answersOf(["1", 2], ["1", 3], { comment: "SECRET opinion" });
const recalled = answersOf(["1", 2], ["4B", 70], { comment: "SECRET opinion" });
const secrets = [
  "SECRET",
  "reader-1",
  "reader-2",
  "malignant",
  "0.8125",
  "reader-ai",
  "reader_ai",
  "reader-reference",
  "reader-reader",
  "ai-changed",
  "statement",
  "maps/",
];

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  world = await seedReaderStudyWorld(db, { siteCount: 2, casesPerSite: 3 });
  arbitratorId = await seedRadiologist(db, "arbitrator", world.siteIds);
  const [first = "", second = ""] = world.readerIds;
  // Readers differ on the first case; on the second the reference standard alone disagrees; the rest is concordant.
  for (const [index, caseId] of world.caseIds.entries()) {
    for (const laterality of ["R", "L"] as const) {
      const finding = index === 1 && laterality === "L" ? "malignant" : "normal";
      await setReference(db, { caseId, laterality }, { finding, source: "data_set" });
    }
  }
  readerStudyId = await seedReadStudy(db, world, {
    readings: world.caseIds.flatMap((caseId, index) => [
      { readerId: first, caseId, aided: index === 0 ? recalled : plain },
      { readerId: second, caseId, aided: plain },
    ]),
  });
  await openArbitration(db, {
    readerStudyId,
    actorId: first,
    rules: {
      kinds: ["reader-reader", "reader-reference"],
      thresholds: { biradsSteps: 3, suspicionPoints: 50 },
      earlierCheckpointId: null,
    },
    arbitratorIds: [arbitratorId],
    controlCount: 1,
    seed: 4,
    now: new Date("2027-01-05T10:00:00Z"),
  });
  const rows = await db.arbitration.findMany({ where: { arbitratorId }, orderBy: { position: "asc" } });
  const found = await db.discordance.findMany();
  arbitrations = rows.map(({ caseId, id }) => ({
    id,
    caseId,
    kinds: found.filter((each) => each.caseId === caseId).map(({ kind }) => kind),
  }));
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const radiologist = (): Membership[] => world.siteIds.map((siteId) => ({ role: "radiologist", siteId }));
const actorWith = (memberships: readonly Membership[], userId = arbitratorId) => ({
  userId,
  name: "A",
  email: "a@example.org",
  memberships,
});
const callerWith = (memberships: readonly Membership[], userId = arbitratorId) =>
  createCaller({
    actor: actorWith(memberships, userId),
    db: database.web,
    queue: async () => ({ enqueue: async () => undefined }),
  });

async function everyInput(): Promise<unknown[]> {
  const { caseId, id: arbitrationId } = arbitrations[0] ?? { caseId: "", id: "" };
  const one = await database.db.case.findUniqueOrThrow({
    where: { id: caseId },
    include: { instances: true },
  });
  const assignment = await database.db.readingAssignment.findFirstOrThrow({ where: { caseId } });
  const ids = {
    arbitrationId,
    caseId,
    readerStudyId,
    assignmentId: assignment.id,
    studyId: one.studyId,
    siteId: one.siteId,
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    instanceId: one.instances[0]?.id,
  };
  return [
    undefined,
    {},
    { page: 0 },
    { offset: 0 },
    { filter: {} },
    { readerStudyId, caseId },
    { readerStudyId, basis: "unanimous", offset: 0 },
    { cohortId: ids.cohortId, offset: 0 },
    ...Object.entries(ids).map(([name, id]) => ({ [name]: id })),
  ];
}

describe("before the decision", () => {
  test("no procedure tells an arbitrator label, origin, readers, score, map or what was discordant", async () => {
    const caller = callerWith(radiologist());
    const inputs = await everyInput();
    const answered = new Set<string>();
    const told: string[] = [];
    const look = async () => {
      const heard = await askEverything(caller, {
        // What ends a step would change what is looked at.
        names: Object.keys(access).filter((name) => !/\.(lock|decide|submit|saveDraft)$/.test(name)),
        inputs,
        hiddenFrom: (name) =>
          name.startsWith("arbitration.")
            ? [...secrets, "Secret", ...world.siteIds, ...world.readerIds, ...world.caseIds]
            : secrets,
      });
      for (const name of heard.answered) answered.add(name);
      told.push(...heard.told);
    };
    await look();
    const arbitrationId = arbitrations[0]?.id ?? "";
    const opened = await caller.arbitration.openCase({ arbitrationId });
    expect(opened.revealed).toBeNull();
    const { version } = opened.independent;
    await caller.arbitration.saveDraft({
      arbitrationId,
      step: "independent",
      version,
      durationMs: 5,
      answers: recalled,
    });
    await caller.arbitration.lock({ arbitrationId, version: version + 1, durationMs: 5 });
    // The arbitrator's own comment is theirs to see.
    secrets.splice(secrets.indexOf("SECRET"), 1, "SECRET-");
    await look();
    expect(told).toEqual([]);
    expect([...answered]).toEqual(expect.arrayContaining(["arbitration.openCase", "arbitration.workList"]));
  });

  test("a case looks the same whatever brought it here, and a control as well", async () => {
    const caller = callerWith(radiologist());
    expect(arbitrations.map(({ kinds }) => kinds.join(" ")).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "",
      "reader_reader reader_reference",
      "reader_reference",
    ]);
    const seen: unknown[] = [];
    for (const { id: arbitrationId } of arbitrations) {
      const opened = await caller.arbitration.openCase({ arbitrationId });
      if (opened.revealed === null) {
        const { version } = opened.independent;
        const draft = { arbitrationId, version, durationMs: 5 };
        await caller.arbitration.saveDraft({ ...draft, step: "independent", answers: plain });
        await caller.arbitration.lock({ ...draft, version: version + 1 });
      }
      const { revealed } = await caller.arbitration.openCase({ arbitrationId });
      seen.push({
        revealed: Object.keys(revealed ?? {}).toSorted(),
        readings: revealed?.readings.map((reading) => Object.keys(reading).toSorted()),
        images: opened.images.map((image) => Object.keys(image).toSorted()),
      });
      await caller.arbitration.decide({ arbitrationId, version: 1, durationMs: 5 });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });
});

describe("another role of an arbitrator", () => {
  let undecidedCaseId: string;
  let undecidedStudyId: string;
  const everything = (): Membership[] => [...radiologist(), { role: "admin", siteId: null }];

  beforeAll(async () => {
    const { db } = database;
    const [first = "", second = ""] = world.readerIds;
    const called = (birads: Birads) => answersOf(["1", 2], [birads, 50]);
    undecidedStudyId = await seedReadStudy(db, world, {
      readings: world.caseIds.flatMap((caseId) => [
        { readerId: first, caseId, aided: called("4A") },
        { readerId: second, caseId, aided: called("1") },
      ]),
    });
    await openArbitration(db, {
      readerStudyId: undecidedStudyId,
      actorId: first,
      rules: {
        kinds: ["reader-reader"],
        thresholds: { biradsSteps: null, suspicionPoints: null },
        earlierCheckpointId: null,
      },
      arbitratorIds: [arbitratorId],
      controlCount: 0,
      seed: 1,
      now: new Date("2027-01-06T10:00:00Z"),
    });
    const first1 = await db.arbitration.findFirstOrThrow({
      where: { queue: { readerStudyId: undecidedStudyId }, position: 0 },
    });
    undecidedCaseId = first1.caseId;
  });

  test("opens neither the study, nor the record, nor the list of discordances to them", async () => {
    const caller = callerWith(everything());
    const { studyId } = await database.db.case.findUniqueOrThrow({ where: { id: undecidedCaseId } });
    await expect(caller.studies.load({ studyId })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const key = { readerStudyId: undecidedStudyId, caseId: undecidedCaseId };
    await expect(caller.arbitration.record(key)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const listed = await caller.arbitration.discordances({
      readerStudyId: undecidedStudyId,
      rules: {
        kinds: ["reader-reader"],
        thresholds: { biradsSteps: null, suspicionPoints: null },
        earlierCheckpointId: null,
      },
      offset: 0,
    });
    expect(listed).toMatchObject({ rows: [], hiddenCaseCount: 6, discordantCaseCount: 0 });
    await expect(
      caller.arbitration.applyConsensus({
        ...key,
        laterality: "L",
        finding: "malignant",
        reason: "To look",
        version: 0,
        acknowledgesFrozen: true,
      }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
    const other = callerWith([{ role: "admin", siteId: null }], world.outsiderId);
    expect(await other.arbitration.record(key)).toMatchObject({ caseId: undecidedCaseId });
  });

  test("gets the image of a case that waits for them, and no map of it", async () => {
    const instance = await database.db.instance.findFirstOrThrow({
      where: { caseId: undecidedCaseId },
      include: { saliencyMaps: true },
    });
    const store = {
      get: async (key: string) => new TextEncoder().encode(key),
      put: async () => undefined,
      putStream: async () => undefined,
      has: async () => true,
      delete: async () => undefined,
      list: async () => [],
    };
    const context = { actor: actorWith(radiologist()), db: database.web, store };
    const asAdmin = { ...context, actor: actorWith(everything()) };
    const mapId = instance.saliencyMaps[0]?.id ?? "";
    expect((await answering(() => answerThumbnail(context, instance.id))).status).toBe(200);
    expect((await answering(() => answerMap(context, mapId))).status).toBe(404);
    expect((await answering(() => answerMap(asAdmin, mapId))).status).toBe(404);
  });
});
