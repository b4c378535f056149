import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../tests/test-database.ts";
import type { IngestRecord } from "./ingest.ts";
import { storeInstance } from "./store-instances.ts";

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
