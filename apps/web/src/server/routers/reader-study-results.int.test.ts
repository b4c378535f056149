import type { Membership } from "@crossread/contracts/role";
import { toJsonColumn } from "@crossread/db/json-column";
import { readerStudyAnalysisSchema } from "@crossread/contracts/reader-study-analysis";
import { createReaderStudy } from "@crossread/db/reader-studies";
import { digestReaderStudyInputs, storeReaderStudyAnalysis } from "@crossread/db/reader-study-results";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { seedReaderStudyWorld, type ReaderStudyWorld } from "../../../../../tests/reading-world.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/test-database.ts";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { exportResults } from "../../features/reader-study-export/export-results.ts";
import { readerPseudonym } from "../../features/reader-study-export/reader-pseudonym.ts";
import { createCaller } from "../root.ts";

vi.mock("server-only", () => ({}));

let database: TestDatabase;
let world: ReaderStudyWorld;
let readerStudyId: string;
const enqueued: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = await seedReaderStudyWorld(database.db, { siteCount: 2, casesPerSite: 4 });
  ({ readerStudyId } = await createReaderStudy(database.db, {
    name: "Study",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: world.readerIds,
    caseLimit: 8,
    seed: 5,
    createdBy: null,
  }));
  const assignments = await database.db.readingAssignment.findMany({ where: { readerStudyId } });
  for (const { id: assignmentId, caseId, readerId } of assignments) {
    const place = world.caseIds.indexOf(caseId);
    const reader = world.readerIds.indexOf(readerId);
    const isMalignant = place % 2 === 0;
    for (const condition of ["unaided", "aided"] as const) {
      const noise = (7 * place + 3 * reader + (condition === "aided" ? 1 : 0)) % 11;
      const left = isMalignant ? (condition === "aided" ? 60 : 12) + noise * (1 + reader) : 10 + noise;
      await database.db.reading.create({
        data: {
          assignmentId,
          condition,
          lockedAt: new Date(1),
          durationMs: 1,
          answers: toJsonColumn({
            breasts: {
              R: { birads: "1", suspicion: 5 + noise },
              L: { birads: left > 50 ? "4A" : "2", suspicion: left },
            },
            density: "B",
            marks: [],
            comment: "SECRET opinion",
          }),
        },
      });
    }
  }
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

function callerWith(memberships: readonly Membership[]) {
  return createCaller({
    actor: { userId: world.readerIds[0] ?? "", name: "A", email: "a@example.org", memberships },
    db: database.web,
    queue: async () => ({
      enqueue: async (kind) => {
        enqueued.push(kind);
      },
    }),
  });
}

test("nobody sees results before the study is closed, a radiologist never, and then those whose sites took part", async () => {
  const admin = callerWith([{ role: "admin", siteId: null }]);
  const coordinator = callerWith([{ role: "coordinator", siteId: world.siteIds[1] ?? "" }]);
  const elsewhere = callerWith([{ role: "coordinator", siteId: "00000000-0000-7000-8000-00000000000f" }]);
  const radiologist = callerWith(world.siteIds.map((siteId) => ({ role: "radiologist", siteId })));
  const results = (caller: typeof admin) => caller.readerStudies.results({ readerStudyId });

  await expect(results(admin)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(results(coordinator)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(results(radiologist)).rejects.toMatchObject({ code: "FORBIDDEN" });

  await admin.readerStudies.close({ readerStudyId });
  await expect(results(radiologist)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(results(elsewhere)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(
    admin.readerStudies.results({ readerStudyId: "00000000-0000-7000-8000-0000000000aa" }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });

  enqueued.length = 0;
  expect(await results(coordinator)).toMatchObject({ isCurrent: false, stored: null, job: null });
  expect(enqueued).toEqual(["analyse-reader-study"]);
  expect(JSON.stringify(await results(admin))).not.toContain("SECRET");
});

test("what is stored is shown with the readers' names and marked as old once a label has changed", async () => {
  const { db } = database;
  const admin = callerWith([{ role: "admin", siteId: null }]);
  const [first = ""] = world.readerIds;
  const none = { undefined: `Reader ${first} gave every case the rating 50.` };
  const analysis = readerStudyAnalysisSchema.parse({
    structure: "crossed",
    structureNote: "",
    comparisonNote: "",
    readers: [{ readerId: first, caseCount: 8, submittedCount: 8, isComplete: true, weight: 1, group: null }],
    caseCount: 8,
    breastCount: 16,
    malignantCount: 4,
    subjectCount: 8,
    consensusBreastCount: 0,
    aidedConsensusBreastCount: 0,
    comparisons: [{ figure: "auc", byReader: [{ reader: 0, result: none }], pooled: none, averaged: null }],
    curves: [],
    model: none,
    changes: none,
    agreement: [],
    pairs: [],
    maps: none,
    mapRatings: none,
    times: none,
    method: {
      confidence: 0.95,
      replicates: 1,
      seed: 1,
      hotThreshold: 0.5,
      minimumRegionPx: 1,
      minimumSubjects: 5,
    },
  });
  await storeReaderStudyAnalysis(db, readerStudyId, {
    inputDigest: await digestReaderStudyInputs(db, readerStudyId),
    codeVersion: "test",
    computedAt: new Date(0),
    durationMs: 1,
    analysis,
  });
  enqueued.length = 0;
  const seen = await admin.readerStudies.results({ readerStudyId });
  expect(seen).toMatchObject({ isCurrent: true, job: null, readerNames: { [first]: "reader-1" } });
  expect(seen.stored?.analysis.comparisons[0]?.pooled).toEqual({
    undefined: "Reader reader-1 gave every case the rating 50.",
  });
  expect(enqueued).toEqual([]);

  const download = async (format: string) => {
    const context = {
      actor: {
        userId: world.outsiderId,
        name: "A",
        email: "a@example.org",
        memberships: [{ role: "admin" as const, siteId: null }],
      },
      db: database.web,
      store: createFileObjectStore("/nowhere"),
    };
    return (await exportResults(context, readerStudyId, new URLSearchParams({ format }))).text();
  };
  const json: unknown = JSON.parse(await download("json"));
  expect(json).toMatchObject({
    inputDigest: await digestReaderStudyInputs(db, readerStudyId),
    analysis: {
      readers: [{ reader: readerPseudonym(readerStudyId, first), isComplete: true }],
      comparisons: [
        {
          pooled: {
            undefined: `Reader ${readerPseudonym(readerStudyId, first)} gave every case the rating 50.`,
          },
        },
      ],
    },
  });
  const { caseIds } = world;
  const another = await createReaderStudy(db, {
    name: "Another",
    cohortId: world.cohortId,
    checkpointId: world.checkpointId,
    split: "internal-test",
    readerIds: [first],
    caseLimit: caseIds.length,
    seed: 1,
    createdBy: null,
  });
  await expect(admin.readerStudies.results({ readerStudyId })).rejects.toMatchObject({
    code: "CONFLICT",
    message: `8 cases of "Study" wait for your own reading or arbitration: its results are shown after that.`,
  });
  await db.readerStudy.update({ where: { id: another.readerStudyId }, data: { state: "closed" } });
  const [head, ...lines] = (await download("ratings")).trim().split("\r\n");
  expect(head).toMatch(
    /^reader,reader_counts,patient,case,laterality,malignant,own_consensus,aided_consensus,condition,suspicion,birads/,
  );
  expect(head?.endsWith(",comparison_weight")).toBe(true);
  // The analysis knows the weight of one of the two readers.
  expect(lines.filter((line) => line.endsWith(",1"))).toHaveLength(32);
  // 8 cases × 2 breasts × 2 readers × 2 conditions, of 8 patients.
  expect(lines).toHaveLength(64);
  expect(new Set(lines.map((line) => line.split(",")[2])).size).toBe(8);
  expect(lines.join()).not.toContain("SECRET");
  expect(lines.join()).not.toContain(first);
  expect((await download("map-measures")).trim().split("\r\n")).toHaveLength(1);
  await expect(download("pdf")).rejects.toMatchObject({ code: "usage" });

  const breast = await db.referenceStandard.findFirstOrThrow({ where: { finding: "malignant" } });
  await db.referenceStandard.update({
    where: { id: breast.id },
    data: { supersededAt: new Date(), supersededReason: "typo" },
  });
  expect(await admin.readerStudies.results({ readerStudyId })).toMatchObject({ isCurrent: false });
  expect(enqueued).toEqual(["analyse-reader-study"]);

  const job = { id: `reader-study.${readerStudyId}`, kind: "analyse-reader-study", title: "Results" };
  await db.backgroundJob.create({ data: { ...job, state: "failed", message: "No map can be read." } });
  expect(await admin.readerStudies.results({ readerStudyId })).toMatchObject({
    job: { state: "failed", message: "No map can be read." },
  });
  expect(enqueued).toHaveLength(1);
  await admin.readerStudies.analyse({ readerStudyId });
  expect(enqueued).toHaveLength(2);
});
