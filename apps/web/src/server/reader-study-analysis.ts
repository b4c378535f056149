import { setImmediate } from "node:timers/promises";
import type { Condition } from "@crossread/contracts/reading";
import type { BreastReading, ClosedReaderStudy, ReadBreast } from "@crossread/db/reader-study-results";
import { fleissKappa } from "@crossread/metrics/agreement";
import { clusteredAgreement } from "@crossread/metrics/clustered-agreement";
import type { Estimate } from "@crossread/metrics/estimate";
import { figureEstimates } from "@crossread/metrics/figure-covariance";
import {
  aucFigure,
  sensitivityFigure,
  specificityFigure,
  type FigureOfMerit,
} from "@crossread/metrics/figure-of-merit";
import { agreementCorrelation } from "@crossread/metrics/intraclass-correlation";
import { isMetricInputError } from "@crossread/metrics/metric-input-error";
import { obuchowskiRockette, type ObuchowskiRockette } from "@crossread/metrics/obuchowski-rockette";

/** A difference is the first condition minus the second: above 0 the aid helps. */
const conditions = ["aided", "unaided"] as const satisfies readonly Condition[];

const seed = 1;

/** Resamples of the agreement: fewer for a large study, which needs them less. */
const replicatesFor = (ratingCount: number): number =>
  Math.min(1_000, Math.max(200, Math.floor(4e6 / Math.max(1, ratingCount))));

interface Difference {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  /** Two-sided; null where nothing varies. */
  readonly pValue: number | null;
}

interface ConditionComparison {
  readonly figure: "auc" | "sensitivity" | "specificity";
  readonly result:
    | {
        /** In the order aided, unaided. */
        readonly means: readonly { readonly value: number; readonly lower: number; readonly upper: number }[];
        readonly difference: Difference & { readonly degreesOfFreedom: number };
        /** For these readers only. */
        readonly fixedReaders: Difference;
        /** For these cases only. */
        readonly fixedCases: Difference;
        readonly components: ObuchowskiRockette["components"];
        readonly byReader: readonly {
          readonly readerName: string;
          /** In the order aided, unaided. */
          readonly values: readonly number[];
          readonly difference: Difference;
        }[];
      }
    | { readonly undefined: string };
}

interface AgreementRow {
  readonly measure: "suspicion" | "recall";
  readonly condition: Condition;
  readonly estimate: Estimate;
}

export interface ReaderStudyResults {
  readonly readerStudyId: string;
  readonly name: string;
  readonly cohortName: string;
  readonly checkpointName: string;
  readonly readers: readonly {
    readonly name: string;
    readonly caseCount: number;
    readonly submittedCount: number;
    /** Only who read every case counts in what follows. */
    readonly isComplete: boolean;
  }[];
  readonly breastCount: number;
  readonly malignantCount: number;
  readonly subjectCount: number;
  readonly comparisons: readonly ConditionComparison[];
  readonly agreement: readonly AgreementRow[];
}

/**
 * Aided against unaided reading of every breast with a reference standard, by the readers who finished.
 * Between its steps it lets others of the process go on: a thousand cases of twenty readers take seconds.
 */
export async function analyseReaderStudy(study: ClosedReaderStudy): Promise<ReaderStudyResults> {
  const { breasts } = study;
  const readers = study.readers.map((reader) => ({
    ...reader,
    isComplete: reader.caseCount > 0 && reader.submittedCount === reader.caseCount,
  }));
  const complete = readers.filter((reader) => reader.isComplete);
  const tableOf = (value: (reading: BreastReading) => number | null) =>
    ratingTable(study.readings, { breasts, readerIds: complete.map((reader) => reader.readerId), value });
  const suspicion = tableOf((reading) => reading.suspicion);
  const recall = tableOf(isRecall);
  const clusterIds = breasts.map((breast) => breast.subjectId);
  const compare = (
    name: ConditionComparison["figure"],
    figure: FigureOfMerit,
    ratings: RatingTable,
  ): ConditionComparison => ({
    figure: name,
    result: orReason(() => {
      const analysis = obuchowskiRockette([
        figureEstimates(
          {
            conditions,
            readers: complete.map((reader) => reader.readerId),
            labels: breasts.map((breast) => (breast.isMalignant ? 1 : 0)),
            ratings,
            clusterIds,
          },
          figure,
          { kind: "delong" },
        ),
      ]);
      return toComparison(
        analysis,
        complete.map((reader) => reader.name),
      );
    }),
  });
  const comparisons: ConditionComparison[] = [];
  for (const [name, figure, ratings] of [
    ["auc", aucFigure, suspicion],
    ["sensitivity", sensitivityFigure(1), recall],
    ["specificity", specificityFigure(1), recall],
  ] as const) {
    comparisons.push(compare(name, figure, ratings));
    await setImmediate();
  }
  const agreement: AgreementRow[] = [];
  for (const [index, condition] of conditions.entries()) {
    for (const [measure, tables] of [
      ["suspicion", suspicion],
      ["recall", recall],
    ] as const) {
      agreement.push(agreementRow(measure, condition, { table: tables[index]!, clusterIds }));
      await setImmediate();
    }
  }
  return {
    readerStudyId: study.readerStudyId,
    name: study.name,
    cohortName: study.cohortName,
    checkpointName: study.checkpointName,
    readers: readers.map(({ readerId: _readerId, ...reader }) => reader),
    breastCount: breasts.length,
    malignantCount: breasts.filter((breast) => breast.isMalignant).length,
    subjectCount: new Set(clusterIds).size,
    comparisons,
    agreement,
  };
}

/** BI-RADS 0, 4 and 5 call a woman back; 6 is a cancer that is known already. */
function isRecall({ birads }: BreastReading): number | null {
  if (birads === null) return null;
  return birads === "0" || birads.startsWith("4") || birads === "5" || birads === "6" ? 1 : 0;
}

/** Shape [2 conditions][R readers][N breasts]; null where a breast was not read. */
type RatingTable = (number | null)[][][];

function ratingTable(
  readings: readonly BreastReading[],
  table: {
    readonly breasts: readonly ReadBreast[];
    readonly readerIds: readonly string[];
    readonly value: (reading: BreastReading) => number | null;
  },
): RatingTable {
  const keyOf = (caseId: string, laterality: string) => `${caseId} ${laterality}`;
  const column = new Map(
    table.breasts.map(({ caseId, laterality }, index) => [keyOf(caseId, laterality), index]),
  );
  const row = new Map(table.readerIds.map((readerId, index) => [readerId, index]));
  const ratings: RatingTable = conditions.map(() =>
    table.readerIds.map(() => table.breasts.map((): number | null => null)),
  );
  for (const reading of readings) {
    const reader = row.get(reading.readerId);
    const breast = column.get(keyOf(reading.caseId, reading.laterality));
    if (reader === undefined || breast === undefined) continue;
    ratings[conditions.indexOf(reading.condition)]![reader]![breast] = table.value(reading);
  }
  return ratings;
}

function toComparison(analysis: ObuchowskiRockette, readerNames: readonly string[]) {
  const { randomReadersRandomCases: random, fixedReadersRandomCases, randomReadersFixedCases } = analysis;
  const differenceOf = ({ value, lower, upper, pValue }: Difference): Difference => ({
    value,
    lower,
    upper,
    pValue,
  });
  const [difference] = random.differences;
  return {
    means: random.conditions.map(({ value, lower, upper }) => ({ value, lower, upper })),
    difference: { ...differenceOf(difference!), degreesOfFreedom: difference!.degreesOfFreedom },
    fixedReaders: differenceOf(fixedReadersRandomCases.differences[0]!),
    fixedCases: differenceOf(randomReadersFixedCases.differences[0]!),
    components: analysis.components,
    byReader: analysis.byReader.map((reader, index) => ({
      readerName: readerNames[index]!,
      values: reader.conditions.map((condition) => condition.value),
      difference: differenceOf(reader.differences[0]!),
    })),
  };
}

function agreementRow(
  measure: AgreementRow["measure"],
  condition: Condition,
  data: { readonly table: readonly (readonly (number | null)[])[]; readonly clusterIds: readonly string[] },
): AgreementRow {
  const replicates = replicatesFor(data.table.length * data.clusterIds.length);
  const options = { clusterIds: data.clusterIds, replicates, seed };
  const estimate = orReason((): Estimate => {
    const missing = data.table.flat().includes(null);
    if (missing) return { undefined: "A reading of a breast is missing." };
    const table = data.table as readonly (readonly number[])[];
    const coefficient = measure === "suspicion" ? agreementCorrelation : fleissOfCalls;
    const { value, lower, upper } = clusteredAgreement(table, coefficient, options);
    return { value, lower, upper, method: `percentile interval of ${replicates} resamples of patients` };
  });
  return { measure, condition, estimate };
}

/** Fleiss' κ of calls that are 0 or 1, shape [R][N]. */
function fleissOfCalls(calls: readonly (readonly number[])[]): number {
  const counts = (calls[0] ?? []).map((_, index) => {
    const recalled = calls.reduce((sum, reader) => sum + reader[index]!, 0);
    return [calls.length - recalled, recalled];
  });
  return fleissKappa(counts);
}

/** The quantity, or the sentence why these data have none. */
function orReason<TValue>(quantity: () => TValue): TValue | { readonly undefined: string } {
  try {
    return quantity();
  } catch (error) {
    if (isMetricInputError(error)) return { undefined: error.message };
    throw error;
  }
}
