import { studySortSchema } from "@crossread/contracts/study-browser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadImageBlobs, loadMapBlob } from "./image-access.ts";
import { createReaderStudy } from "./reader-studies.ts";
import { listStudies } from "./studies.ts";
import { loadStudy } from "./study-detail.ts";
import { countStudyFacets } from "./study-facets.ts";
import { changeStudyTags } from "./study-tags.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
let outsider: { userId: string; scope: string[] };
let firstSite: string;
const page = { sort: "received-newest", pageSize: 10 } as const;

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 3 });
  firstSite = world.siteIds[0] ?? "";
  outsider = { userId: world.outsiderId, scope: [firstSite] };
  await createReaderStudy(database.db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [world.readerIds[0] ?? ""],
    caseLimit: 6,
    seed: 1,
    createdBy: null,
  });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const findInstance = (siteId: string) =>
  database.db.instance.findFirstOrThrow({
    where: { siteId },
    include: { saliencyMaps: true, case: true },
  });

describe("the list of studies", () => {
  test("holds the sites in scope only, counted", async () => {
    const all = await listStudies(database.db, {
      viewer: { ...outsider, scope: world.siteIds },
      filter: {},
      sort: "received-newest",
      pageSize: 4,
    });
    expect(all.rows).toHaveLength(4);
    expect(await countStudyFacets(database.db, { ...outsider, scope: world.siteIds }, {})).toMatchObject({
      studyCount: 6,
      blindedCount: 0,
    });
    const own = await listStudies(database.db, { viewer: outsider, filter: {}, ...page });
    expect(own.rows.map((row) => row.site.siteId)).toEqual([firstSite, firstSite, firstSite]);
    expect(own.rows[0]?.images.map((image) => image.laterality + image.view)).toEqual([
      "RCC",
      "RMLO",
      "LCC",
      "LMLO",
    ]);
  });

  test("pages forwards and back in every order without losing or repeating a study", async () => {
    const viewer = { ...outsider, scope: world.siteIds };
    for (const sort of studySortSchema.options) {
      const whole = await listStudies(database.db, { viewer, filter: {}, sort, pageSize: 100 });
      const expected = whole.rows.map(({ studyId }) => studyId);
      const pageFrom = (from?: { side: "after" | "before"; cursor: string }) =>
        listStudies(database.db, { viewer, filter: {}, sort, from, pageSize: 2 });
      const first = await pageFrom();
      const second = await pageFrom({ side: "after", cursor: first.next ?? "" });
      const last = await pageFrom({ side: "after", cursor: second.next ?? "" });
      const back = await pageFrom({ side: "before", cursor: last.previous ?? "" });
      expect(back.rows).toEqual(second.rows);
      expect([first.previous, last.next]).toEqual([null, null]);
      expect([back.next, back.previous]).toEqual([second.next, second.previous]);
      const seen = [first, second, last].flatMap(({ rows }) => rows.map(({ studyId }) => studyId));
      expect(seen, sort).toEqual(expected);
    }
    await expect(
      listStudies(database.db, {
        viewer,
        filter: {},
        sort: "study-date-newest",
        from: { side: "after", cursor: `2024-01-01T00:00:00.000Z~${firstSite}` },
        pageSize: 2,
      }),
    ).rejects.toMatchObject({ code: "usage" });
  });

  test("counts a case as its worst breast", async () => {
    const count = async (label: "malignant" | "normal" | "unlabelled") =>
      (await listStudies(database.db, { viewer: outsider, filter: { label: [label] }, ...page })).rows.length;
    expect(await count("malignant")).toBe(2);
    expect(await count("normal")).toBe(1);
    expect(await count("unlabelled")).toBe(0);
  });

  test("finds part of a pseudonym, a name or a UID, with the letters that SQL gives a meaning taken as letters", async () => {
    const count = async (search: string) =>
      (await listStudies(database.db, { viewer: outsider, filter: { search }, ...page })).rows.length;
    expect(await count("secret-1")).toBe(1);
    expect(await count("CASE-2")).toBe(1);
    expect(await count("2.25.")).toBe(3);
    expect(await count("%")).toBe(0);
    expect(await count("_ecret")).toBe(0);
  });

  test("keeps cases out that the caller still has to read blind, whatever their role", async () => {
    const viewer = { userId: world.readerIds[0] ?? "", scope: "all" as const };
    const nothing = { rows: [], next: null, previous: null };
    expect(await listStudies(database.db, { viewer, filter: {}, ...page })).toEqual(nothing);
    // Neither does the number of the hidden ones tell what they are.
    for (const label of ["malignant", "normal"] as const) {
      expect(await listStudies(database.db, { viewer, filter: { label: [label] }, ...page })).toEqual(
        nothing,
      );
    }
    const facets = await countStudyFacets(database.db, viewer, {});
    expect(facets.studyCount).toBe(0);
    expect(Object.values(facets.facets).flat()).toEqual([]);
    const { case: readCase } = await findInstance(firstSite);
    await expect(loadStudy(database.db, viewer, readCase.studyId)).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});

describe("an image", () => {
  test("is served inside the scope and to its assigned reader, and does not exist for others", async () => {
    const { id } = await findInstance(world.siteIds[1] ?? "");
    await expect(loadImageBlobs(database.db, outsider, id)).rejects.toMatchObject({ code: "not-found" });
    const reader = { userId: world.readerIds[0] ?? "", scope: [] };
    expect((await loadImageBlobs(database.db, reader, id)).blobKey).toMatch(/^instances\//);
    const unassigned = { userId: world.readerIds[1] ?? "", scope: [] };
    await expect(loadImageBlobs(database.db, unassigned, id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("has a map for its site's people, none for a reader before the lock", async () => {
    const instance = await findInstance(firstSite);
    const mapId = instance.saliencyMaps[0]?.id ?? "";
    expect((await loadMapBlob(database.db, outsider, mapId)).blobKey).toMatch(/^maps\//);
    const reader = { userId: world.readerIds[0] ?? "", scope: "all" as const };
    await expect(loadMapBlob(database.db, reader, mapId)).rejects.toMatchObject({ code: "not-found" });
    const assignment = await database.db.readingAssignment.findFirstOrThrow({
      where: { caseId: instance.caseId, readerId: reader.userId },
    });
    await database.db.reading.create({
      data: { assignmentId: assignment.id, condition: "unaided", answers: {}, lockedAt: new Date() },
    });
    expect((await loadMapBlob(database.db, reader, mapId)).blobKey).toMatch(/^maps\//);
  });
});

describe("the facets", () => {
  test("count each value with the filters of all others applied", async () => {
    const viewer = { ...outsider, scope: world.siteIds };
    const { facets, studyCount } = await countStudyFacets(database.db, viewer, {
      label: ["malignant"],
      laterality: ["R"],
    });
    expect(studyCount).toBe(4);
    expect(Object.fromEntries(facets.label.map(({ value, studyCount: n }) => [value, n]))).toEqual({
      malignant: 4,
      normal: 2,
    });
    expect(facets.site.map(({ studyCount: n }) => n)).toEqual([2, 2]);
    expect(facets.view).toEqual([
      { value: "CC", studyCount: 4 },
      { value: "MLO", studyCount: 4 },
    ]);
    expect(facets.completeness).toEqual([{ value: "complete", studyCount: 4 }]);
    expect(facets.device).toEqual([{ value: "Secret Vendor", studyCount: 4 }]);
  });

  test("keep the site's bars while one site is chosen, and filter the others by it", async () => {
    const viewer = { ...outsider, scope: world.siteIds };
    const { facets, studyCount } = await countStudyFacets(database.db, viewer, { siteId: firstSite });
    expect(studyCount).toBe(3);
    expect(facets.site.map(({ studyCount: n }) => n)).toEqual([3, 3]);
    expect(facets.view[0]).toEqual({ value: "CC", studyCount: 3 });
  });
});

describe("the summary of a study", () => {
  test("follows its images, its labels and its case, and agrees with the page of the study", async () => {
    const { db } = database;
    const instance = await findInstance(firstSite);
    const { caseId } = instance;
    const { studyId } = instance.case;
    const summary = () => db.studySummary.findUniqueOrThrow({ where: { studyId } });
    expect(await summary()).toMatchObject({ completeness: "complete", viewSet: 15, imageCount: 4 });
    const { id: _id, case: _case, saliencyMaps: _maps, ...columns } = instance;
    await db.instance.create({ data: { ...columns, sopInstanceUid: "again", labels: ["implant"] } });
    expect(await summary()).toMatchObject({ completeness: "extra-views", imageCount: 5, hasImplant: true });
    await db.instance.deleteMany({ where: { sopInstanceUid: "again" } });
    await db.case.update({ where: { id: caseId }, data: { density: "C" } });
    expect(await summary()).toMatchObject({ completeness: "complete", hasImplant: false, density: "C" });

    for (const [right, left] of [
      ["normal", "normal"],
      ["benign", "normal"],
      ["normal", null],
      [null, "malignant"],
      [null, null],
    ] as const) {
      await db.referenceStandard.deleteMany({ where: { caseId } });
      await db.referenceStandard.createMany({
        data: [
          ...(right === null ? [] : [{ laterality: "R" as const, finding: right }]),
          ...(left === null ? [] : [{ laterality: "L" as const, finding: left }]),
        ].map((row) => ({ ...row, caseId, source: "pathology" as const })),
      });
      const shown = await loadStudy(db, outsider, studyId);
      expect((await summary()).labelState, `${right} ${left}`).toBe(shown.labelState);
    }
  });

  test("is not lost when two files of one study arrive at the same time", async () => {
    const { db } = database;
    const { id: _id, case: readCase, saliencyMaps: _maps, ...columns } = await findInstance(firstSite);
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        db.instance.create({ data: { ...columns, sopInstanceUid: `at-once-${index}` } }),
      ),
    );
    const { imageCount } = await db.studySummary.findUniqueOrThrow({ where: { studyId: readCase.studyId } });
    expect(imageCount).toBe(await db.instance.count({ where: { caseId: columns.caseId } }));
    await db.instance.deleteMany({ where: { sopInstanceUid: { startsWith: "at-once" } } });
  });
});

describe("tags", () => {
  test("are added and removed on many studies at once, within the scope only", async () => {
    const { db } = database;
    const rows = await db.study.findMany({ select: { id: true, siteId: true } });
    const own = rows.filter(({ siteId }) => siteId === firstSite).map(({ id }) => id);
    const change = { viewer: outsider, add: ["second look", "pilot"], remove: [], now: new Date(0) };
    await changeStudyTags(db, { ...change, studyIds: own });
    await changeStudyTags(db, { ...change, studyIds: own.slice(0, 1), add: [], remove: ["pilot"] });
    const tagged = await listStudies(db, { viewer: outsider, filter: { tag: ["pilot"] }, ...page });
    expect(tagged.rows).toHaveLength(2);
    expect((await countStudyFacets(db, outsider, { tag: ["pilot"] })).facets.tag).toEqual([
      { value: "second look", studyCount: 3 },
      { value: "pilot", studyCount: 2 },
    ]);
    await expect(
      changeStudyTags(db, { ...change, studyIds: rows.map(({ id }) => id) }),
    ).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
