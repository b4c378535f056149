import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyConsensus } from "@crossread/db/consensus";
import { listCohortImages } from "@crossread/db/cohort-images";
import { toJsonColumn } from "@crossread/db/json-column";
import { storePredictions } from "@crossread/db/predictions";
import { closeReaderStudy, createReaderStudy } from "@crossread/db/reader-studies";
import { loadMapMeasures } from "@crossread/db/reader-study-map-measures";
import {
  analysisJobId,
  digestReaderStudyInputs,
  findAnalysisProgress,
  findReaderStudyAnalysis,
  listUnanalysedStudies,
} from "@crossread/db/reader-study-results";
import { listScoredBreasts } from "@crossread/db/scored-breasts";
import { encodeGrayPng } from "@crossread/dicom/png";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answersOf, seedRadiologist, seedReadStudy } from "../../../../tests/read-study.ts";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../tests/test-database.ts";
import { analyseReadings } from "../tasks/analyse-readings.ts";
import { measureMaps } from "../tasks/measure-maps.ts";
import { taskContracts } from "../tasks/task-contracts.ts";
import type { WorkerContext } from "../worker-context.ts";
import { analyseReaderStudy } from "./analyse-reader-study.ts";

let database: TestDatabase;
let world: ReaderStudyWorld;
let directory: string;
let readerStudyId: string;
let context: WorkerContext;
/** Map × target pairs that were measured since the last look. */
let measured: string[] = [];

const job = { signal: new AbortController().signal, isLastAttempt: true };
const run = () => analyseReaderStudy(context, { readerStudyId }, job);

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  directory = await mkdtemp(join(tmpdir(), "crossread-analysis-"));
  const store = createFileObjectStore(directory);
  world = await seedReaderStudyWorld(db, { siteCount: 2, casesPerSite: 6 });
  const instances = await db.instance.findMany({ orderBy: { id: "asc" } });
  for (const { id } of instances) {
    // Hot about the lesion at (100, 200) of 300 × 400, and in few pixels elsewhere.
    const values = Float32Array.from({ length: 30 * 40 }, (_, pixel) => {
      const [x, y] = [pixel % 30, Math.floor(pixel / 30)];
      return Math.max(1 - Math.hypot(x - 10, y - 20) / 8, 0.6 - Math.hypot(x - 25, y - 5) / 8, 0);
    });
    await store.put(`maps/${id}.png`, await encodeGrayPng({ widthPx: 30, heightPx: 40, values }, 8));
  }
  ({ readerStudyId } = await createReaderStudy(db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: world.readerIds,
    caseLimit: 12,
    seed: 5,
    createdBy: null,
  }));
  const assignments = await db.readingAssignment.findMany({ where: { readerStudyId } });
  for (const { caseId, id: assignmentId, readerId } of assignments) {
    const place = world.caseIds.indexOf(caseId);
    const isMalignant = place % 2 === 0;
    const image = instances.find((one) => one.caseId === caseId && one.laterality === "L");
    for (const condition of ["unaided", "aided"] as const) {
      const noise = (7 * place + 3 * world.readerIds.indexOf(readerId)) % 11;
      const left = isMalignant ? (condition === "aided" ? 60 : 10) + 2 * noise : 10 + noise;
      await db.reading.create({
        data: {
          assignmentId,
          condition,
          lockedAt: new Date(1),
          durationMs: 30_000 + 1_000 * noise,
          answers: toJsonColumn({
            breasts: {
              R: { birads: "1", suspicion: 5 + noise },
              L: { birads: left > 50 ? "4A" : "2", suspicion: left },
            },
            density: "B",
            marks: isMalignant
              ? [
                  {
                    markId: crypto.randomUUID(),
                    instanceId: image?.id ?? "",
                    geometry: { shape: "circle", xPx: 105, yPx: 205, radiusPx: 40 },
                    kind: "mass",
                  },
                ]
              : [],
            comment: "",
          }),
          ...(condition === "unaided"
            ? {}
            : {
                mapRating: {
                  create: {
                    answers: toJsonColumn({
                      lesionInsideHotArea: isMalignant ? "yes" : "no-lesion",
                      hasMissedLesion: false,
                      hasSpuriousAreas: true,
                      plausibility: 1 + (noise % 5),
                      wouldChangeRecall: "no",
                      comment: "",
                    }),
                  },
                },
              }),
        },
      });
    }
  }
  const children = {
    useSlot: <TValue>(work: () => Promise<TValue>) => work(),
    close: () => undefined,
    run: async (name: string, input: unknown, { onEvent }: { onEvent?: (event: never) => unknown }) => {
      const emit = async (event: unknown) => {
        await onEvent?.(event as never);
      };
      if (name === "analyse-readings") {
        const { input: question, output } = taskContracts["analyse-readings"];
        return output.parse(await analyseReadings(question.parse(input), { store, emit }));
      }
      const maps = taskContracts["measure-maps"].input.parse(input);
      measured.push(
        ...maps.maps.flatMap(({ mapId, targets }) => targets.map(({ target }) => `${mapId} ${target}`)),
      );
      return measureMaps(maps, {
        store,
        emit: (event) => emit(taskContracts["measure-maps"].event.parse(event)),
      });
    },
  } as unknown as WorkerContext["children"];
  context = { db, children, codeVersion: "test", now: () => new Date() } as unknown as WorkerContext;
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const stored = async () => {
  const analysis = await findReaderStudyAnalysis(database.db, readerStudyId);
  if (analysis === undefined) throw new Error("There is an analysis.");
  return analysis;
};

test("an open study is not analysed; a closed one waits to be, and then has results", async () => {
  await run();
  expect(await findReaderStudyAnalysis(database.db, readerStudyId)).toBeUndefined();
  expect(await listUnanalysedStudies(database.db)).toEqual([]);
  await closeReaderStudy(database.db, readerStudyId);
  expect(await listUnanalysedStudies(database.db)).toEqual([readerStudyId]);

  await run();
  expect(await listUnanalysedStudies(database.db)).toEqual([]);
  const { analysis, inputDigest } = await stored();
  expect(inputDigest).toBe(await digestReaderStudyInputs(database.db, readerStudyId));
  expect(analysis).toMatchObject({
    structure: "crossed",
    breastCount: 24,
    malignantCount: 6,
    subjectCount: 12,
  });
  expect(await findAnalysisProgress(database.db, readerStudyId)).toMatchObject({
    state: "completed",
    progress: 1,
  });
  if ("undefined" in analysis.maps) throw new Error(analysis.maps.undefined);
  // 6 malignant left breasts with 2 images, 18 others where the hot region is spurious; the second place is a speck.
  expect(analysis.maps).toMatchObject({
    imageCount: 48,
    mapCount: 48,
    flatMapCount: 0,
    unreadableMapCount: 0,
  });
  const [reference] = analysis.maps.rows;
  expect(reference).toMatchObject({
    target: { kind: "reference" },
    result: {
      mapCount: 48,
      markedMapCount: 12,
      pointing: { value: 1 },
      marksFound: { value: 1 },
      spuriousPerMap: { value: 0.75 },
    },
  });
  const own = analysis.maps.rows.find(
    ({ target }) => target.kind === "reader" && target.reader === 1 && target.condition === "unaided",
  );
  expect(own).toMatchObject({ result: { mapCount: 48, markedMapCount: 6, pointing: { value: 1 } } });
});

test("arriving twice measures nothing twice; a changed lesion mark measures its own maps and makes results old", async () => {
  // 48 maps against no marks, 12 against the reference standard, and 2 readers × 2 conditions × 6 images.
  expect(measured).toHaveLength(48 + 12 + 24);
  measured = [];
  const before = await stored();
  await run();
  expect(measured).toEqual([]);
  expect((await stored()).analysis).toEqual(before.analysis);

  const mark = await database.db.annotation.findFirstOrThrow({ where: { source: "reference" } });
  await database.db.annotation.update({
    where: { id: mark.id },
    data: { supersededAt: new Date(), supersededReason: "moved" },
  });
  await database.db.annotation.create({
    data: {
      instanceId: mark.instanceId,
      source: "reference",
      geometry: { shape: "circle", xPx: 250, yPx: 350, radiusPx: 10 },
      kind: "mass",
      finding: "malignant",
      replacesId: mark.id,
    },
  });
  expect(await listUnanalysedStudies(database.db)).toEqual([readerStudyId]);
  await run();
  expect(measured).toHaveLength(1);
  const { analysis } = await stored();
  if ("undefined" in analysis.maps) throw new Error(analysis.maps.undefined);
  expect(analysis.maps.rows[0]).toMatchObject({ result: { pointing: { value: 11 / 12 } } });
  expect(await listUnanalysedStudies(database.db)).toEqual([]);
});

test("a mark that was removed takes its measures with it, and a breast of the study's own consensus is left out", async () => {
  const [site] = await database.db.referenceStandard.findMany({
    where: { finding: "malignant", supersededAt: null },
    take: 1,
  });
  if (site === undefined) throw new Error("There is a malignant breast.");
  await database.db.referenceStandard.update({
    where: { id: site.id },
    data: { supersededAt: new Date(), supersededReason: "consensus" },
  });
  await database.db.referenceStandard.create({
    data: {
      caseId: site.caseId,
      laterality: site.laterality,
      finding: "normal",
      source: "reader_consensus",
      readerStudyId,
      replacesId: site.id,
    },
  });
  await database.db.annotation.updateMany({
    where: { source: "reference", supersededAt: null, instance: { caseId: site.caseId } },
    data: { supersededAt: new Date(), supersededReason: "consensus" },
  });
  await run();
  const { analysis } = await stored();
  expect(analysis).toMatchObject({ breastCount: 23, malignantCount: 5, consensusBreastCount: 1 });
  const targets = (await loadMapMeasures(database.db, readerStudyId)).filter(
    ({ target }) => target === "reference",
  );
  expect(targets).toHaveLength(10);
});

test("a consensus of its own readers makes results old as it comes into force, and computed again without the breast", async () => {
  const { db } = database;
  const before = await stored();
  expect(before.inputDigest).toBe(await digestReaderStudyInputs(db, readerStudyId));
  const { id: userId } = await db.user.create({
    data: { email: "admin@example.org", name: "Admin", passwordHash: "x" },
  });
  const [caseId = ""] = world.caseIds.slice(1);
  const { labelVersion } = await db.case.findUniqueOrThrow({ where: { id: caseId } });
  await applyConsensus(db, {
    viewer: { userId, scope: "all" },
    readerStudyId,
    caseId,
    laterality: "R",
    finding: "normal",
    reason: "Both readers say so",
    version: labelVersion,
    acknowledgesFrozen: true,
    now: new Date(),
  });
  expect(before.inputDigest).not.toBe(await digestReaderStudyInputs(db, readerStudyId));
  expect(await listUnanalysedStudies(db)).toEqual([readerStudyId]);
  await run();
  expect(await listUnanalysedStudies(db)).toEqual([]);
  const { analysis, inputDigest } = await stored();
  expect(inputDigest).toBe(await digestReaderStudyInputs(db, readerStudyId));
  expect(analysis.consensusBreastCount).toBe(before.analysis.consensusBreastCount + 1);
  expect(analysis.breastCount).toBe(before.analysis.breastCount - 1);
});

test("a breast whose truth comes from readers who saw the model is no test of the model", async () => {
  const { db } = database;
  const { checkpointId, cohortId } = world;
  const [caseId = ""] = world.caseIds.slice(1);
  const images = await listCohortImages(db, { cohortId, splits: ["internal-test"] });
  const aided = images.filter(({ isAidedConsensus }) => isAidedConsensus);
  expect(new Set(aided.map((image) => `${image.caseId} ${image.laterality}`))).toEqual(
    new Set([`${caseId} R`]),
  );
  const rows = images.map(({ instanceId }) => ({ instanceId, score: 0.5 }));
  await storePredictions(db, checkpointId, rows);
  const breasts = await listScoredBreasts(db, { checkpointId, cohortId, split: "internal-test" });
  const all = new Set(images.map((image) => `${image.caseId} ${image.laterality}`));
  expect(breasts).toHaveLength(all.size - 1);
});

test("a consensus of readers of another study who saw a model leans towards the aid: its breast is left out and counted", async () => {
  const { db } = database;
  const before = (await stored()).analysis;
  const [caseId = ""] = world.caseIds.slice(3);
  const strangerId = await seedRadiologist(db, "stranger", world.siteIds);
  // Open, so that it waits for no analysis of its own.
  await seedReadStudy(db, world, {
    state: "open",
    readings: [{ readerId: strangerId, caseId, aided: answersOf(["1", 2], ["2", 5]) }],
  });
  const reading = await db.reading.findFirstOrThrow({
    where: { condition: "aided", assignment: { caseId, readerId: strangerId } },
  });
  const known = await db.referenceStandard.findFirstOrThrow({
    where: { caseId, laterality: "L", supersededAt: null },
  });
  await db.referenceStandard.update({
    where: { id: known.id },
    data: { supersededAt: new Date(), supersededReason: "consensus" },
  });
  await db.referenceStandard.create({
    data: {
      caseId,
      laterality: "L",
      finding: known.finding,
      source: "reader_consensus",
      replacesId: known.id,
      consensus: { create: { readingId: reading.id } },
    },
  });

  await run();
  expect((await stored()).analysis).toMatchObject({
    breastCount: before.breastCount - 1,
    consensusBreastCount: before.consensusBreastCount,
    aidedConsensusBreastCount: before.aidedConsensusBreastCount + 1,
  });
});

test("what fails for good is shown and waits for a person", async () => {
  const broken = {
    ...context,
    children: { ...context.children, run: () => Promise.reject(new Error("a secret path")) },
    codeVersion: "later",
  } as unknown as WorkerContext;
  await expect(analyseReaderStudy(broken, { readerStudyId }, job)).rejects.toThrow("a secret path");
  expect(await findAnalysisProgress(database.db, readerStudyId)).toMatchObject({
    state: "failed",
    message: "The computation failed; the worker’s log says why.",
  });
  await database.db.readerStudyAnalysis.deleteMany();
  expect(await listUnanalysedStudies(database.db)).toEqual([]);
  expect(analysisJobId(readerStudyId)).toContain(readerStudyId);
  await run();
  expect(await findAnalysisProgress(database.db, readerStudyId)).toMatchObject({ state: "completed" });
});
