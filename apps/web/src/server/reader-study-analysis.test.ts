import type { Condition } from "@crossread/contracts/reading";
import type { BreastReading, ClosedReaderStudy } from "@crossread/db/reader-study-results";
import { aucOfCases } from "@crossread/metrics/auc";
import { createRandom } from "@crossread/metrics/random";
import { beforeAll, describe, expect, test } from "vitest";
import { analyseReaderStudy, type ReaderStudyResults } from "./reader-study-analysis.ts";

const random = createRandom(12);

/** 40 women, both breasts; every third left breast is malignant; the aid adds to the suspicion of those. */
function study(readerCount: number): ClosedReaderStudy {
  const cases = Array.from({ length: 40 }, (_, index) => ({
    caseId: `case-${index}`,
    subjectId: `subject-${index}`,
    isMalignant: index % 3 === 0,
  }));
  const readers = Array.from({ length: readerCount }, (_, index) => ({
    readerId: `reader-${index}`,
    name: `Reader ${index}`,
    caseCount: 40,
    submittedCount: 40,
  }));
  const readings = cases.flatMap(({ caseId, isMalignant }) => {
    const ease = 8 * random.normal();
    return readers.flatMap(({ readerId }) =>
      (["unaided", "aided"] as const satisfies readonly Condition[]).flatMap((condition) =>
        (["R", "L"] as const).map((laterality): BreastReading => {
          const isLesion = isMalignant && laterality === "L";
          const shift = isLesion ? (condition === "aided" ? 45 : 20) + ease : 0;
          const suspicion = Math.min(100, Math.max(0, Math.round(30 + shift + 15 * random.normal())));
          return { readerId, caseId, laterality, condition, suspicion, birads: suspicion >= 50 ? "4B" : "2" };
        }),
      ),
    );
  });
  return {
    readerStudyId: "study",
    name: "Study",
    cohortName: "Cohort",
    checkpointName: "Checkpoint",
    readers,
    breasts: cases.flatMap(({ caseId, subjectId, isMalignant }) =>
      (["R", "L"] as const).map((laterality) => ({
        caseId,
        subjectId,
        laterality,
        isMalignant: isMalignant && laterality === "L",
      })),
    ),
    readings,
  };
}

describe("analyseReaderStudy", () => {
  const complete = study(4);
  let results: ReaderStudyResults;
  beforeAll(async () => {
    results = await analyseReaderStudy(complete);
  });

  test("counts breasts, cancers and patients", () => {
    expect(results).toMatchObject({ breastCount: 80, malignantCount: 14, subjectCount: 40 });
  });

  test("a difference above 0 is a gain by the aid, and every reader's AUC is of that reader's answers", () => {
    const [auc, sensitivity, specificity] = results.comparisons;
    if (auc === undefined || "undefined" in auc.result) throw new Error("The AUC has a comparison.");
    expect(auc.result.difference.value).toBeGreaterThan(0.05);
    expect(auc.result.difference.lower).toBeGreaterThan(0);
    expect(auc.result.difference.pValue).toBeLessThan(0.05);
    const ofReader = (condition: Condition) =>
      aucOfCases(
        complete.breasts.map((breast) => (breast.isMalignant ? 1 : 0)),
        complete.breasts.map(
          (breast) =>
            complete.readings.find(
              (reading) =>
                reading.readerId === "reader-2" &&
                reading.condition === condition &&
                reading.caseId === breast.caseId &&
                reading.laterality === breast.laterality,
            )?.suspicion ?? Number.NaN,
        ),
      );
    const third = auc.result.byReader[2];
    expect(third?.readerName).toBe("Reader 2");
    expect(third?.values).toEqual([ofReader("aided"), ofReader("unaided")]);
    expect(sensitivity?.result).toMatchObject({ difference: { value: expect.any(Number) as number } });
    expect(specificity?.result).toMatchObject({ difference: { value: expect.any(Number) as number } });
  });

  test("agreement has an interval for both measures under both conditions", () => {
    expect(results.agreement.map(({ measure, condition }) => `${measure} ${condition}`)).toEqual([
      "suspicion aided",
      "recall aided",
      "suspicion unaided",
      "recall unaided",
    ]);
    for (const { estimate } of results.agreement) {
      if ("undefined" in estimate) throw new Error(estimate.undefined);
      expect(estimate.lower).toBeLessThan(estimate.value);
      expect(estimate.upper).toBeGreaterThan(estimate.value);
    }
  });

  test("a reader who did not finish does not count", async () => {
    const readers = complete.readers.map((reader, index) =>
      index === 3 ? { ...reader, submittedCount: 39 } : reader,
    );
    const without = await analyseReaderStudy({ ...complete, readers });
    expect(without.readers.map((reader) => reader.isComplete)).toEqual([true, true, true, false]);
    const [auc] = without.comparisons;
    if (auc === undefined || "undefined" in auc.result) throw new Error("The AUC has a comparison.");
    expect(auc.result.byReader.map((reader) => reader.readerName)).not.toContain("Reader 3");
  });

  test("says why there is no comparison: one reader, no cancer, a breast that nobody rated", async () => {
    const reason = async (changed: ClosedReaderStudy) =>
      (await analyseReaderStudy(changed)).comparisons[0]?.result;
    expect(await reason({ ...complete, readers: complete.readers.slice(0, 1) })).toMatchObject({
      undefined: expect.stringContaining("needs two") as string,
    });
    expect(await reason({ ...complete, readers: [] })).toMatchObject({
      undefined: expect.any(String) as string,
    });
    const healthy = complete.breasts.map((breast) => ({ ...breast, isMalignant: false }));
    expect(await reason({ ...complete, breasts: healthy })).toMatchObject({
      undefined: expect.stringContaining("both classes") as string,
    });
    const gap = await analyseReaderStudy({ ...complete, readings: complete.readings.slice(1) });
    expect(gap.comparisons[0]?.result).toMatchObject({
      undefined: expect.stringContaining("was not rated") as string,
    });
  });
});
