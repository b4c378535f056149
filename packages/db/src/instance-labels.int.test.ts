import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import type { IngestRecord } from "./ingest.ts";
import { storeInstance } from "./store-instances.ts";
import { listStudies } from "./studies.ts";
import { loadStudy } from "./study-detail.ts";
import { countStudyFacets } from "./study-facets.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const record = (number: number): IngestRecord => ({
  pseudonym: "XR-1",
  studyInstanceUid: "2.25.1",
  seriesInstanceUid: "2.25.2",
  sopInstanceUid: `2.25.3${number}`,
  laterality: "L",
  view: "CC",
  rows: 10,
  columns: 10,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  blobKey: `instances/${number}.dcm`,
  sha256: String(number).repeat(64),
  sizeBytes: 10,
  thumbnailKey: `thumbnails/${number}.png`,
});

test("an instance keeps the labels with which it was accepted, and what its file says of an implant", async () => {
  const { db } = database;
  const site = await db.site.create({
    data: { code: "north", name: "north", colourIndex: 0, acquisition: "digital" },
  });
  const labels = ["implant", "implant-displaced"];
  await storeInstance(db, site.id, { ...record(1), labels, hasBreastImplant: true });
  await storeInstance(db, site.id, record(2));
  const rows = await db.instance.findMany({
    orderBy: { sopInstanceUid: "asc" },
    select: { labels: true, hasBreastImplant: true },
  });
  expect(rows).toEqual([
    { labels, hasBreastImplant: true },
    { labels: [], hasBreastImplant: null },
  ]);
});

test("the study browser shows, counts and filters by them; a study with several counts in each", async () => {
  const { db } = database;
  const site = await db.site.findFirstOrThrow();
  const other = {
    ...record(3),
    pseudonym: "XR-2",
    studyInstanceUid: "2.25.91",
    seriesInstanceUid: "2.25.92",
    laterality: "R" as const,
  };
  await storeInstance(db, site.id, other);
  const viewer = { userId: "00000000-0000-7000-8000-000000000001", scope: "all" as const };
  const list = (technical: ("implant" | "rolled" | "plain")[]) =>
    listStudies(db, { viewer, filter: { technical }, sort: "received-newest", pageSize: 10 });
  const [labelled] = (await list(["rolled", "implant"])).rows;
  expect(labelled?.technicalLabels).toEqual(["implant", "implant-displaced"]);
  expect((await list(["plain"])).rows.map((row) => row.pseudonym)).toEqual(["XR-2"]);
  expect((await list(["rolled"])).rows).toEqual([]);
  expect((await list(["plain", "implant"])).rows).toHaveLength(2);

  // The chart's own choice does not empty its other bars.
  const { facets, studyCount } = await countStudyFacets(db, viewer, { technical: ["implant"] });
  expect(studyCount).toBe(1);
  expect(facets.technical.toSorted((a, b) => (a.value < b.value ? -1 : 1))).toEqual([
    { value: "implant", studyCount: 1 },
    { value: "implant-displaced", studyCount: 1 },
    { value: "plain", studyCount: 1 },
  ]);
  const study = await loadStudy(db, viewer, labelled?.studyId ?? "");
  expect(study.images.map(({ technicalLabels }) => technicalLabels)).toEqual([
    ["implant", "implant-displaced"],
    [],
  ]);
});
