import { randomUUID } from "node:crypto";
import { emptyReadingAnswers, type MapRating, type ReadingAnswers } from "@crossread/contracts/reading";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadReaderStudy } from "./reader-study-progress.ts";
import { createReaderStudy } from "./reader-studies.ts";
import { loadImageBlobs } from "./image-access.ts";
import { loadReadingAid } from "./reading-aid.ts";
import { lockUnaidedReading, saveReadingDraft, submitReading, type ReadingDraft } from "./reading-drafts.ts";
import { listReadingWorkLists } from "./reading-work-list.ts";
import { openReadingCase } from "./readings.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
const now = new Date("2026-11-23T10:00:00Z");

const answers: ReadingAnswers = {
  breasts: { R: { birads: "2", suspicion: 10 }, L: { birads: "4A", suspicion: 60 } },
  density: "B",
  marks: [],
  comment: "",
};
const mapRating: MapRating = {
  lesionInsideHotArea: "partly",
  hasMissedLesion: false,
  hasSpuriousAreas: true,
  plausibility: 4,
  wouldChangeRecall: "no",
  comment: "",
};

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 3 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function newStudy(caseLimit = 6) {
  const { readerStudyId, caseCount } = await createReaderStudy(database.db, {
    name: `Study ${randomUUID()}`,
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: world.readerIds,
    caseLimit,
    seed: 11,
    createdBy: null,
  });
  const orderOf = async (readerId: string) =>
    database.db.readingAssignment.findMany({
      where: { readerStudyId, readerId },
      orderBy: { position: "asc" },
      select: { id: true, caseId: true },
    });
  return { readerStudyId, caseCount, orderOf };
}

const [readerIndex, otherIndex] = [0, 1];
const reader = () => world.readerIds[readerIndex] ?? "";
const otherReader = () => world.readerIds[otherIndex] ?? "";

const saveDraft = (draft: Omit<ReadingDraft, "now">) => saveReadingDraft(database.db, { ...draft, now });

async function readCase(assignmentId: string) {
  const { db } = database;
  const key = { readerId: reader(), assignmentId };
  await openReadingCase(db, key, now);
  const draft = { ...key, answers, mapRating: {}, durationMs: 1_000 };
  await saveDraft({ ...draft, condition: "unaided", version: 1 });
  await lockUnaidedReading(db, { ...key, version: 2, durationMs: 2_000, now });
  await saveDraft({ ...draft, condition: "aided", version: 1, mapRating });
  return submitReading(db, { ...key, version: 2, durationMs: 3_000, now });
}

describe("a reader study", () => {
  test("gives every reader the same cases, each in an order of their own", async () => {
    const study = await newStudy();
    const [first, second] = [await study.orderOf(reader()), await study.orderOf(otherReader())];
    expect(study.caseCount).toBe(6);
    expect(first.map((row) => row.caseId).toSorted()).toEqual(second.map((row) => row.caseId).toSorted());
    expect(first.map((row) => row.caseId)).not.toEqual(second.map((row) => row.caseId));
  });

  test("is refused for a reader who is no radiologist at a site of its cases", async () => {
    await expect(
      createReaderStudy(database.db, {
        name: "Refused",
        cohortId: world.cohortId,
        checkpointId: world.checkpointId,
        split: "internal-test",
        readerIds: [world.outsiderId],
        caseLimit: 6,
        seed: 1,
        createdBy: null,
      }),
    ).rejects.toMatchObject({ code: "plan-invalid" });
  });

  test("is refused where the checkpoint has no scores, since there would be no aid to show", async () => {
    await expect(
      createReaderStudy(database.db, {
        name: "Refused",
        cohortId: world.cohortId,
        checkpointId: world.unexplainedCheckpointId,
        split: "internal-test",
        readerIds: world.readerIds,
        caseLimit: 6,
        seed: 1,
        createdBy: null,
      }),
    ).rejects.toMatchObject({ code: "cohort-invalid" });
  });

  test("reports progress and reading time per reader", async () => {
    const study = await newStudy(2);
    const order = await study.orderOf(reader());
    await readCase(order[0]?.id ?? "");
    const { readers } = await loadReaderStudy(database.db, {
      ...study,
      viewerId: world.outsiderId,
      scope: "all",
      now,
    });
    expect(readers?.find((row) => row.readerId === reader())).toMatchObject({
      caseCount: 2,
      submittedCount: 1,
      medianDurationMs: 5_000,
    });
    expect(readers?.find((row) => row.readerId === otherReader())).toMatchObject({
      submittedCount: 0,
      medianDurationMs: null,
    });
  });
});

describe("reading", () => {
  test("goes in the reader's order and names the next case", async () => {
    const study = await newStudy();
    const order = await study.orderOf(reader());
    await expect(
      openReadingCase(database.db, { readerId: reader(), assignmentId: order[1]?.id ?? "" }, now),
    ).rejects.toMatchObject({ code: "conflict" });
    const { nextAssignmentId } = await readCase(order[0]?.id ?? "");
    expect(nextAssignmentId).toBe(order[1]?.id);
    const list = (await listReadingWorkLists(database.db, reader(), now)).find(
      (row) => row.readerStudyId === study.readerStudyId,
    );
    expect(list).toMatchObject({ caseCount: 6, submittedCount: 1, nextAssignmentId: order[1]?.id });
  });

  test("hangs earlier studies of the same patient with their interval, and neither later, undated nor those of one day", async () => {
    const { db } = database;
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    expect((await openReadingCase(db, key, now)).priors).toEqual([]);
    const own = await db.case.findUniqueOrThrow({
      where: { id: order[0]?.caseId ?? "" },
      include: { instances: { take: 1 } },
    });
    const [image] = own.instances;
    if (image === undefined) throw new Error("The seeded case has no image");
    const { id: _id, seriesId: _seriesId, caseId: _caseId, ...copied } = image;
    await db.study.update({ where: { id: own.studyId }, data: { studyDate: new Date("2024-05-10") } });
    for (const date of ["2023-05-11", "2021-05-10", "2025-01-01", "2024-05-10", null]) {
      const uid = `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
      const study = await db.study.create({
        data: {
          siteId: own.siteId,
          subjectId: own.subjectId,
          studyInstanceUid: uid,
          studyDate: date === null ? null : new Date(date),
          series: { create: { seriesInstanceUid: `${uid}.1` } },
          cases: { create: { siteId: own.siteId, subjectId: own.subjectId, label: uid } },
        },
        include: { series: true, cases: true },
      });
      await db.instance.create({
        data: {
          ...copied,
          sopInstanceUid: `${uid}.2`,
          seriesId: study.series[0]?.id ?? "",
          caseId: study.cases[0]?.id ?? "",
        },
      });
    }
    const { priors } = await openReadingCase(db, key, now);
    expect(priors.map(({ daysBefore, images }) => [daysBefore, images.length])).toEqual([
      [365, 1],
      [1096, 1],
    ]);
    const blobsOf = (instanceId: string) =>
      loadImageBlobs(db, { userId: key.readerId, scope: [] }, instanceId);
    const earlier = priors.flatMap(({ images }) => images.map(({ instanceId }) => instanceId));
    for (const instanceId of earlier) expect((await blobsOf(instanceId)).blobKey).toBe(copied.blobKey);
    const others = await db.instance.findMany({
      where: { case: { subjectId: own.subjectId, id: { not: own.id } }, id: { notIn: earlier } },
    });
    expect(others).toHaveLength(3);
    for (const { id } of others) await expect(blobsOf(id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("keeps another reader's assignment invisible", async () => {
    const order = await (await newStudy()).orderOf(otherReader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await expect(openReadingCase(database.db, key, now)).rejects.toMatchObject({ code: "not-found" });
    await expect(loadReadingAid(database.db, key)).rejects.toMatchObject({ code: "not-found" });
  });

  test("shows the aid only after the lock", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await openReadingCase(database.db, key, now);
    await expect(loadReadingAid(database.db, key)).rejects.toMatchObject({ code: "forbidden" });
    const draft = { ...key, condition: "unaided" as const, answers, mapRating: {}, durationMs: 5 };
    await saveDraft({ ...draft, version: 1 });
    await lockUnaidedReading(database.db, { ...key, version: 2, durationMs: 5, now });
    const aid = await loadReadingAid(database.db, key);
    expect(aid.images).toHaveLength(4);
    for (const image of aid.images) expect(image).toMatchObject({ maps: [{ classLabel: "malignant" }] });
  });

  test("refuses to lock an incomplete reading and to change a locked one", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    const opened = await openReadingCase(database.db, key, now);
    expect(opened.unaided?.answers).toEqual(emptyReadingAnswers);
    await expect(
      lockUnaidedReading(database.db, { ...key, version: 1, durationMs: 5, now }),
    ).rejects.toMatchObject({ code: "usage" });
    const draft = { ...key, condition: "unaided" as const, answers, mapRating: {}, durationMs: 5 };
    await saveDraft({ ...draft, version: 1 });
    await lockUnaidedReading(database.db, { ...key, version: 2, durationMs: 5, now });
    await expect(saveDraft({ ...draft, version: 3 })).rejects.toMatchObject({
      code: "reading-already-locked",
    });
  });

  test("is not locked while a map of the case is missing, and keeps its draft", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await openReadingCase(database.db, key, now);
    const draft = { ...key, condition: "unaided" as const, answers, mapRating: {}, durationMs: 5 };
    await saveDraft({ ...draft, version: 1 });
    const map = await database.db.saliencyMap.findFirstOrThrow({
      where: { instance: { caseId: order[0]?.caseId ?? "" } },
    });
    await database.db.saliencyMap.delete({ where: { id: map.id } });
    const end = { ...key, version: 2, durationMs: 5, now };
    await expect(lockUnaidedReading(database.db, end)).rejects.toMatchObject({ code: "conflict" });
    const { transform, ...columns } = map;
    await database.db.saliencyMap.create({ data: { ...columns, transform: transform ?? {} } });
    expect((await lockUnaidedReading(database.db, end)).version).toBe(1);
  });

  test("answers an older draft with the stored one, and a repeated save with its version", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await openReadingCase(database.db, key, now);
    const draft = {
      ...key,
      condition: "unaided" as const,
      version: 1,
      answers,
      mapRating: {},
      durationMs: 5,
    };
    expect(await saveDraft(draft)).toEqual({ ok: true, version: 2 });
    expect(await saveDraft(draft)).toEqual({ ok: true, version: 2 });
    const other = { ...draft, answers: { ...answers, comment: "from another tab" } };
    expect(await saveDraft(other)).toMatchObject({
      ok: false,
      stored: { version: 2, answers },
    });
  });

  test("refuses a mark on an image of another case", async () => {
    const study = await newStudy();
    const order = await study.orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await openReadingCase(database.db, key, now);
    const foreign = await database.db.instance.findFirstOrThrow({
      where: { caseId: order[1]?.caseId ?? "" },
    });
    const mark = {
      markId: randomUUID(),
      instanceId: foreign.id,
      geometry: { shape: "point" as const, xPx: 1, yPx: 2 },
      kind: "mass" as const,
    };
    await expect(
      saveDraft({
        ...key,
        condition: "unaided",
        version: 1,
        answers: { ...answers, marks: [mark] },
        mapRating: {},
        durationMs: 5,
      }),
    ).rejects.toMatchObject({ code: "usage" });
  });

  test("takes no rating of a map before there is one to see", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await openReadingCase(database.db, key, now);
    const draft = { ...key, condition: "unaided" as const, version: 1, answers, durationMs: 5 };
    await expect(saveDraft({ ...draft, mapRating })).rejects.toMatchObject({ code: "usage" });
    expect(await saveDraft({ ...draft, mapRating: {} })).toEqual({ ok: true, version: 2 });
  });

  test("refuses to submit before the six questions are answered", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    await openReadingCase(database.db, key, now);
    const draft = { ...key, answers, durationMs: 5 };
    await saveDraft({ ...draft, condition: "unaided", version: 1, mapRating: {} });
    await lockUnaidedReading(database.db, { ...key, version: 2, durationMs: 5, now });
    const { plausibility: _, ...incomplete } = mapRating;
    await saveDraft({ ...draft, condition: "aided", version: 1, mapRating: incomplete });
    await expect(
      submitReading(database.db, { ...key, version: 2, durationMs: 5, now }),
    ).rejects.toMatchObject({ code: "usage" });
  });

  test("stores the marks of a locked reading as annotations in image pixels", async () => {
    const order = await (await newStudy()).orderOf(reader());
    const key = { readerId: reader(), assignmentId: order[0]?.id ?? "" };
    const opened = await openReadingCase(database.db, key, now);
    const instanceId = opened.images[0]?.instanceId ?? "";
    const geometry = { shape: "circle" as const, xPx: 10.5, yPx: 20, radiusPx: 4 };
    const marks = [{ markId: randomUUID(), instanceId, geometry, kind: "mass" as const }];
    await saveDraft({
      ...key,
      condition: "unaided",
      version: 1,
      answers: { ...answers, marks },
      mapRating: {},
      durationMs: 5,
    });
    await lockUnaidedReading(database.db, { ...key, version: 2, durationMs: 5, now });
    const stored = await database.db.annotation.findMany({ where: { instanceId, authorId: reader() } });
    expect(stored).toMatchObject([{ source: "reader", geometry, kind: "mass" }]);
  });
});
