import type { ReaderStudyAnalysis } from "@crossread/contracts/reader-study-analysis";
import { agreementSection, pairSection } from "./agreement-section.ts";
import { changeSection } from "./change-section.ts";
import { comparisonMethod } from "./comparison-method.ts";
import { comparisonSection } from "./comparison-section.ts";
import { curveSection } from "./curve-section.ts";
import { mapRatingSection } from "./map-rating-section.ts";
import { regionRule } from "./map-rules.ts";
import { indexMeasures, mapSection } from "./map-section.ts";
import { minimumSubjects, toStudyScope } from "./study-scope.ts";
import type { StudyTables } from "./study-tables.ts";
import { timeSection } from "./time-section.ts";

const sectionCount = 8;

/** Every section of a closed study; one that has no answer says why and leaves the others alone. */
export async function analyseStudy(
  tables: StudyTables,
  onProgress: (share: number) => Promise<void> = async () => undefined,
): Promise<ReaderStudyAnalysis> {
  const scope = toStudyScope(tables);
  let done = 0;
  const section = async <TValue>(compute: () => TValue): Promise<TValue> => {
    const value = compute();
    await onProgress(++done / sectionCount);
    return value;
  };
  const complete = new Set(scope.complete);
  const weightOf = new Map(scope.counted.map(({ reader, weight }) => [reader, weight]));
  const groupOf = new Map(
    scope.groups.groups.flatMap((readers, group) => readers.map((reader) => [reader, group])),
  );
  const comparisons = await section(() => comparisonSection(scope));
  const { curves, model } = await section(() => curveSection(scope));
  const changes = await section(() => changeSection(scope));
  const agreement = await section(() => agreementSection(scope));
  const pairs = await section(() => pairSection(scope));
  const measures = indexMeasures(scope);
  const maps = await section(() => mapSection(scope, measures));
  const mapRatings = await section(() => mapRatingSection(scope, measures));
  const times = await section(() => timeSection(scope));
  return {
    structure: scope.structure,
    structureNote: scope.groups.note,
    comparisonNote: comparisonMethod(scope).note,
    readers: tables.readers.map(({ caseIndices, readerId, submittedCount }, reader) => ({
      readerId,
      caseCount: caseIndices.length,
      submittedCount,
      isComplete: complete.has(reader),
      weight: weightOf.get(reader) ?? null,
      group: scope.structure === "split-plot" ? (groupOf.get(reader) ?? null) : null,
    })),
    caseCount: tables.subjectIds.length,
    breastCount: tables.breasts.length,
    malignantCount: tables.breasts.filter(({ isMalignant }) => isMalignant).length,
    subjectCount: new Set(tables.subjectIds).size,
    consensusBreastCount: tables.consensusBreastCount,
    aidedConsensusBreastCount: tables.aidedConsensusBreastCount,
    comparisons,
    curves,
    model,
    changes,
    agreement,
    pairs,
    maps,
    mapRatings,
    times,
    method: {
      confidence: 0.95,
      ...scope.resampling,
      hotThreshold: regionRule.threshold,
      minimumRegionPx: regionRule.minimumAreaPx,
      minimumSubjects,
    },
  };
}
