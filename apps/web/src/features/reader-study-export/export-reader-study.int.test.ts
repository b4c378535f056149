import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Membership } from "@crossread/contracts/role";
import type { ReadingAnswers } from "@crossread/contracts/reading";
import { toJsonColumn } from "@crossread/db/json-column";
import { closeReaderStudy, createReaderStudy } from "@crossread/db/reader-studies";
import { encodeGrayPng } from "@crossread/dicom/png";
import { parseParametricMap } from "@crossread/dicom/structured/parametric-map";
import { parseReadingReport } from "@crossread/dicom/structured/parse-reading-report";
import { parsePresentationState } from "@crossread/dicom/structured/presentation-state";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { BlobReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { hasOrthanc, startOrthanc } from "../../server/dicomweb/testing/orthanc.ts";
import type { RouteContext } from "../../server/route-answer.ts";
import { exportReaderStudy } from "./export-reader-study.ts";
import { readerPseudonym } from "./reader-pseudonym.ts";

const mapRating = {
  lesionInsideHotArea: "partly",
  hasMissedLesion: true,
  hasSpuriousAreas: false,
  plausibility: 2,
  wouldChangeRecall: "no",
  comment: "faint",
} as const;
const mapImage = {
  widthPx: 15,
  heightPx: 20,
  values: Float32Array.from({ length: 300 }, (_, index) => (index % 256) / 255),
};

let database: TestDatabase;
let world: ReaderStudyWorld;
let directory: string;
let readerStudyId: string;
let store: RouteContext["store"];

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  directory = await mkdtemp(join(tmpdir(), "crossread-export-"));
  store = createFileObjectStore(directory);
  world = await seedReaderStudyWorld(db, { siteCount: 2, casesPerSite: 1 });
  const instances = await db.instance.findMany({ include: { series: { include: { study: true } } } });
  const uids = new Map<string, string>();
  const uidOf = (id: string) =>
    uids.get(id) ?? (uids.set(id, `2.25.${1000 + uids.size}`), uids.get(id)) ?? "";
  for (const { columns, id, laterality, rows, series, view } of instances) {
    const sopInstanceUid = uidOf(id);
    await db.instance.update({ where: { id }, data: { sopInstanceUid, blobKey: `instances/${id}.dcm` } });
    const file = writeMammogram(
      {
        subjectId: "XR-TEST",
        studyInstanceUid: uidOf(series.study.id),
        seriesInstanceUid: uidOf(series.id),
        sopInstanceUid,
        studyDate: "20240315",
        laterality,
        view,
        widthPx: columns,
        heightPx: rows,
        bitsStored: 12,
        photometricInterpretation: "MONOCHROME2",
        windows: [{ center: 2048, width: 4096 }],
        imagerPixelSpacingMm: [0.2, 0.2],
        manufacturer: "Crossread",
        manufacturerModelName: "Phantom",
        softwareVersions: "1",
      },
      new Uint16Array(columns * rows),
    );
    await store.put(`instances/${id}.dcm`, file);
    await store.put(`maps/${id}.png`, await encodeGrayPng(mapImage, 8));
  }
  ({ readerStudyId } = await createReaderStudy(db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: world.readerIds,
    caseLimit: 2,
    seed: 5,
    createdBy: null,
  }));
  const assignments = await db.readingAssignment.findMany({ where: { readerStudyId } });
  for (const { caseId, id: assignmentId } of assignments) {
    const marked = instances.find((instance) => instance.caseId === caseId);
    const answers: ReadingAnswers = {
      breasts: { R: { birads: "2", suspicion: 7 }, L: { birads: "4C", suspicion: 80 } },
      density: "B",
      marks: [
        {
          markId: crypto.randomUUID(),
          instanceId: marked?.id ?? "",
          geometry: { shape: "circle", xPx: 100.1, yPx: 200, radiusPx: 15 },
          kind: "mass",
        },
      ],
      comment: '=HYPERLINK("x")',
    };
    for (const condition of ["unaided", "aided"] as const) {
      await db.reading.create({
        data: {
          assignmentId,
          condition,
          lockedAt: new Date(Date.UTC(2026, 2, 1)),
          durationMs: 1_500,
          answers: toJsonColumn(answers),
          ...(condition === "aided" ? { mapRating: { create: { answers: toJsonColumn(mapRating) } } } : {}),
        },
      });
    }
  }
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const everything: Membership[] = [{ role: "admin", siteId: null }];
const coordinatorOf = (siteId: string | undefined): Membership[] => [
  { role: "coordinator", siteId: siteId ?? "" },
];

function download(memberships: readonly Membership[], format: string, id = readerStudyId): Promise<Response> {
  const actor = {
    userId: world.outsiderId,
    name: "A",
    email: "a@example.org",
    memberships: [...memberships],
  };
  return exportReaderStudy({ actor, db: database.web, store }, id, new URLSearchParams({ format }));
}

async function filesOf(response: Response): Promise<Map<string, Uint8Array>> {
  const reader = new ZipReader(new BlobReader(await response.blob()), { useWebWorkers: false });
  const files = new Map<string, Uint8Array>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) files.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
  }
  return files;
}

test("nothing goes out before the study is closed, to a radiologist never, and nobody learns of a study elsewhere", async () => {
  const radiologist: Membership[] = world.siteIds.map((siteId) => ({ role: "radiologist", siteId }));
  for (const format of ["dicom", "json", "readings", "marks"]) {
    await expect(download(everything, format)).rejects.toMatchObject({ code: "conflict" });
    await expect(download(radiologist, format)).rejects.toMatchObject({ code: "forbidden" });
  }
  await closeReaderStudy(database.db, readerStudyId);
  await expect(download(radiologist, "json")).rejects.toMatchObject({ code: "forbidden" });
  await expect(download([], "json")).rejects.toMatchObject({ code: "forbidden" });
  const elsewhere = coordinatorOf("00000000-0000-7000-8000-00000000000f");
  await expect(download(elsewhere, "json")).rejects.toMatchObject({ code: "not-found" });
  await expect(download(everything, "json", "nothing")).rejects.toMatchObject({ code: "not-found" });
  await expect(download(everything, "xml")).rejects.toMatchObject({ code: "usage" });
  const anonymous = { actor: undefined, db: database.web, store };
  await expect(
    exportReaderStudy(anonymous, readerStudyId, new URLSearchParams({ format: "json" })),
  ).rejects.toMatchObject({ code: "unauthenticated" });
});

test("tables and JSON hold every locked reading and mark, under pseudonyms, of the caller's sites only", async () => {
  const lines = (text: string) => text.trimEnd().split("\r\n");
  const readings = lines(await (await download(everything, "readings")).text());
  // Two cases, two readers, two conditions, two breasts.
  expect(readings).toHaveLength(1 + 16);
  expect(readings[1]).toContain("'=HYPERLINK");
  expect(lines(await (await download(everything, "marks")).text())).toHaveLength(1 + 8);
  const own = coordinatorOf(world.siteIds[1]);
  expect(lines(await (await download(own, "readings")).text())).toHaveLength(1 + 8);
  const text = await (await download(everything, "json")).text();
  const { cases } = JSON.parse(text) as { cases: { readings: { readerPseudonym: string }[] }[] };
  expect(cases.map((one) => one.readings.length)).toEqual([4, 4]);
  const pseudonyms = world.readerIds.map((id) => readerPseudonym(readerStudyId, id));
  expect(new Set(cases.flatMap((one) => one.readings.map((each) => each.readerPseudonym)))).toEqual(
    new Set(pseudonyms),
  );
  for (const secret of ["SECRET", "Secret", "reader-1", ...world.readerIds]) {
    expect(text + readings.join("")).not.toContain(secret);
  }
  const audited = await database.db.auditEvent.count({ where: { action: "reader-study.export" } });
  expect(audited).toBe(4);
});

test("a case that the caller still has to read in another study is left out", async () => {
  const { db } = database;
  const { readerStudyId: next } = await createReaderStudy(db, {
    name: "Next",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [world.readerIds[0] ?? ""],
    caseLimit: 2,
    seed: 6,
    createdBy: null,
  });
  const actor = {
    userId: world.readerIds[0] ?? "",
    name: "A",
    email: "a@example.org",
    memberships: everything,
  };
  const query = new URLSearchParams({ format: "json" });
  const context = { actor, db: database.web, store };
  expect(await (await exportReaderStudy(context, readerStudyId, query)).json()).toMatchObject({ cases: [] });
  await closeReaderStudy(db, next);
});

describe("the DICOM objects", () => {
  test("are a report for each reading, the marks of each image and every map, and read back identical", async () => {
    const { cases } = (await (await download(everything, "json")).json()) as {
      cases: { caseId: string; readings: { readingId: string; answers: ReadingAnswers }[] }[];
    };
    const files = await filesOf(await download(everything, "dicom"));
    const kinds = [...files.keys()].map((path) =>
      path.replace(/^[^/]*\//, "").replaceAll(/RD-\w+|[0-9a-f]{8}-[0-9a-f-]{27}/g, "*"),
    );
    const counts: Record<string, number> = {};
    for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual({
      "*/aided.dcm": 4,
      "*/unaided.dcm": 4,
      "*/aided-marks-*.dcm": 4,
      "*/unaided-marks-*.dcm": 4,
      "maps/*.dcm": 8,
    });
    const readings = cases.flatMap((one) => one.readings);
    const ofPath = (pattern: RegExp) => [...files].filter(([path]) => pattern.test(path));
    for (const [path, bytes] of ofPath(/\/(un)?aided\.dcm$/)) {
      const record = parseReadingReport(bytes, path);
      expect(record).toEqual(readings.find(({ readingId }) => readingId === record.readingId));
    }
    for (const [path, bytes] of ofPath(/-marks-/)) {
      const state = parsePresentationState(bytes, path);
      const reading = readings.find(({ readingId }) => readingId === state.readingId);
      expect(state.marks).toEqual(reading?.answers.marks);
    }
    for (const [path, bytes] of ofPath(/\/maps\//)) {
      expect(parseParametricMap(bytes, path).values).toEqual(mapImage);
    }
  });

  test.skipIf(!hasOrthanc)("are stored by Orthanc and given back byte for byte", async () => {
    const files = await filesOf(await download(coordinatorOf(world.siteIds[0]), "dicom"));
    await using orthanc = await startOrthanc("http://127.0.0.1:1", {});
    for (const bytes of files.values()) {
      const stored = await orthanc.call("/instances", { method: "POST", body: new Uint8Array(bytes) });
      const { ID, Status } = (await stored.json()) as { ID: string; Status: string };
      expect(Status).toBe("Success");
      const given = new Uint8Array(await (await orthanc.call(`/instances/${ID}/file`)).arrayBuffer());
      expect(Buffer.from(given).equals(bytes)).toBe(true);
    }
    const series = (await (await orthanc.call("/series?expand")).json()) as {
      MainDicomTags: { Modality: string };
    }[];
    expect(series.map(({ MainDicomTags }) => MainDicomTags.Modality).toSorted()).toEqual(["OT", "PR", "SR"]);
  });
});
