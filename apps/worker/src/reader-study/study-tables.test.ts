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
