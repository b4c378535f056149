import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import { loadImageBlobs, loadMapBlob } from "./image-access.ts";
import { createReaderStudy } from "./reader-studies.ts";
import { changeReferenceStandard } from "./reference-standards.ts";
import { listStudies } from "./studies.ts";
import { loadStudy } from "./study-detail.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
let outsider: { userId: string; scope: string[] };
let firstSite: string;
const page = { page: 0, pageSize: 10 };

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
  test("holds the sites in scope only, paged and counted", async () => {
    const all = await listStudies(database.db, {
      viewer: { ...outsider, scope: world.siteIds },
      filter: {},
      page: 1,
      pageSize: 4,
    });
    expect(all).toMatchObject({ totalCount: 6, blindedCount: 0 });
    expect(all.rows).toHaveLength(2);
    const own = await listStudies(database.db, { viewer: outsider, filter: {}, ...page });
    expect(own.rows.map((row) => row.site.siteId)).toEqual([firstSite, firstSite, firstSite]);
    expect(own.rows[0]?.images.map((image) => image.laterality + image.view)).toEqual([
      "RCC",
      "RMLO",
      "LCC",
      "LMLO",
    ]);
  });

  test("counts a case as its worst breast", async () => {
    const count = async (finding: "malignant" | "normal" | "unknown") =>
      (await listStudies(database.db, { viewer: outsider, filter: { finding }, ...page })).totalCount;
    expect(await count("malignant")).toBe(2);
    expect(await count("normal")).toBe(1);
    expect(await count("unknown")).toBe(0);
  });

  test("keeps cases out that the caller still has to read blind, whatever their role", async () => {
    const viewer = { userId: world.readerIds[0] ?? "", scope: "all" as const };
    expect(await listStudies(database.db, { viewer, filter: {}, ...page })).toEqual({
      rows: [],
      totalCount: 0,
      blindedCount: 6,
    });
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

describe("the reference standard", () => {
  test("is changed with a reason; the former one stays and the audit log tells", async () => {
    const { case: readCase } = await findInstance(firstSite);
    const change = {
      viewer: outsider,
      caseId: readCase.id,
      laterality: "R" as const,
      finding: "benign" as const,
      source: "pathology" as const,
      now: new Date("2026-11-23T10:00:00Z"),
    };
    await expect(changeReferenceStandard(database.db, { ...change, reason: "  " })).rejects.toMatchObject({
      code: "usage",
    });
    await changeReferenceStandard(database.db, { ...change, reason: "Biopsy report arrived" });
    const study = await loadStudy(database.db, outsider, readCase.studyId);
    const right = study.references.filter((row) => row.laterality === "R");
    expect(right.map((row) => [row.finding, row.source, row.isInForce])).toEqual([
      ["benign", "pathology", true],
      ["normal", "data-set", false],
    ]);
    const event = await database.db.auditEvent.findFirstOrThrow({ where: { action: "reference.change" } });
    expect(event).toMatchObject({ entityId: readCase.id, reason: "Biopsy report arrived" });
  });

  test("of another site's case is as if it did not exist", async () => {
    const { case: readCase } = await findInstance(world.siteIds[1] ?? "");
    await expect(
      changeReferenceStandard(database.db, {
        viewer: outsider,
        caseId: readCase.id,
        laterality: "R",
        finding: "benign",
        source: "pathology",
        reason: "Report",
        now: new Date(0),
      }),
    ).rejects.toMatchObject({ code: "not-found" });
  });
});
