import type { Birads } from "@crossread/contracts/reading";
import type { DataReading, ReaderStudyData } from "@crossread/db/reader-study-data";
import { expect, test } from "vitest";
import { toStudyTables } from "./study-tables.ts";

const readerId = "00000000-0000-4000-8000-000000000001";

const reading = (caseId: string, birads: { R: Birads; L: Birads }): DataReading => ({
  readingId: readerId,
  readerId,
  caseId,
  condition: "unaided",
  durationMs: 1_000,
  breasts: { R: { birads: birads.R, suspicion: 1 }, L: { birads: birads.L, suspicion: 2 } },
  mapRating: null,
});

const breast = (caseId: string, laterality: "R" | "L") =>
  ({ caseId, laterality, isMalignant: false, isOwnConsensus: false, isAidedConsensus: false }) as const;

function studyOf(readings: readonly DataReading[]): ReaderStudyData {
  const caseIds = readings.map(({ caseId }) => caseId);
  return {
    readerStudyId: readerId,
    name: "Order",
    cases: caseIds.map((caseId) => ({ caseId, subjectId: caseId })),
    readers: [{ readerId, caseIds, submittedCount: caseIds.length }],
    breasts: caseIds.flatMap((caseId) => [breast(caseId, "R"), breast(caseId, "L")]),
    readings,
    images: [],
    threshold: null,
  };
}

test("a category stands where BI-RADS has it: 4A, 4B and 4C between 3 and 5", () => {
  const study = studyOf([
    reading("first", { R: "3", L: "4A" }),
    reading("second", { R: "4B", L: "4C" }),
    reading("third", { R: "5", L: "6" }),
    reading("fourth", { R: "0", L: "1" }),
  ]);
  const [, unaided] = toStudyTables(study, []).birads;
  expect(unaided).toEqual([[3, 4, 5, 6, 7, 8, 0, 1]]);
});

test("a breast whose truth the study's own readers made, or others who saw a model, judges nobody and is counted", () => {
  const study = studyOf([reading("first", { R: "1", L: "2" }), reading("second", { R: "3", L: "5" })]);
  const breasts = [
    { ...breast("first", "R"), isOwnConsensus: true, isAidedConsensus: true },
    breast("first", "L"),
    { ...breast("second", "R"), isAidedConsensus: true },
    { ...breast("second", "L"), isMalignant: true },
  ];
  const tables = toStudyTables({ ...study, breasts }, []);
  expect(tables).toMatchObject({ consensusBreastCount: 1, aidedConsensusBreastCount: 1 });
  expect(tables.breasts).toEqual([
    { caseIndex: 0, isMalignant: false, score: null },
    { caseIndex: 1, isMalignant: true, score: null },
  ]);
  const [, unaided] = tables.birads;
  expect(unaided).toEqual([[2, 7]]);
});
