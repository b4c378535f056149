import { biradsOrder, conditionSchema, mapRatingSchema } from "@crossread/contracts/reading";
import type { ReaderStudyData } from "@crossread/db/reader-study-data";
import type { MapMeasureKey } from "@crossread/db/reader-study-map-measures";
import { z } from "zod";

/** A difference is the first condition minus the second: above 0 the aid helps. */
export const conditions = ["aided", "unaided"] as const;

const index = z.int().min(0);
const ratingTableSchema = z.array(z.array(z.array(z.number().nullable())));

/** A closed study as tables over readers × breasts: what the analysis computes from, in a process of its own. */
export const studyTablesSchema = z.strictObject({
  readers: z.array(
    z.strictObject({ readerId: z.uuid(), caseIndices: z.array(index), submittedCount: z.int().min(0) }),
  ),
  /** The patient of each case. */
  subjectIds: z.array(z.string()),
  breasts: z.array(
    z.strictObject({
      caseIndex: index,
      isMalignant: z.boolean(),
      score: z.number().nullable(),
    }),
  ),
  consensusBreastCount: z.int().min(0),
  aidedConsensusBreastCount: z.int().min(0),
  /** Shape [2 conditions][R readers][N breasts]; null where a breast was not read. */
  suspicion: ratingTableSchema,
  /** Positions in the order of BI-RADS. */
  birads: ratingTableSchema,
  readings: z.array(
    z.strictObject({
      readingId: z.uuid(),
      readerIndex: index,
      caseIndex: index,
      condition: conditionSchema,
      durationMs: z.number().min(0),
      mapRating: mapRatingSchema.nullable(),
    }),
  ),
  images: z.array(
    z.strictObject({
      caseIndex: index,
      mapId: z.uuid().nullable(),
      /** Null without a reference standard. */
      isMalignant: z.boolean().nullable(),
      isMarked: z.boolean(),
    }),
  ),
  /** JSON of mapMeasuresSchema. */
  mapMeasures: z.array(z.strictObject({ mapId: z.uuid(), target: z.string(), measures: z.string() })),
  threshold: z.number().nullable(),
});
export type StudyTables = z.infer<typeof studyTablesSchema>;

/**
 * Breasts whose reference standard is this study's own consensus are left out: a reader would be judged by themself. So are
 * those of a consensus of whoever saw a model's aid: it leans towards the aid, and the aid would be judged by itself.
 */
export function toStudyTables(
  data: ReaderStudyData,
  mapMeasures: readonly (MapMeasureKey & { readonly measures: string })[],
): StudyTables {
  const caseIndexOf = new Map(data.cases.map(({ caseId }, place) => [caseId, place]));
  const readerIndexOf = new Map(data.readers.map(({ readerId }, place) => [readerId, place]));
  const ofOthers = data.breasts.filter((breast) => !breast.isOwnConsensus);
  const breasts = ofOthers.filter((breast) => !breast.isAidedConsensus);
  const keyOf = (caseId: string, laterality: string) => `${caseId} ${laterality}`;
  const columnOf = new Map(
    breasts.map(({ caseId, laterality }, place) => [keyOf(caseId, laterality), place]),
  );
  const scores = breastScores(data, keyOf);
  const emptyTable = () =>
    conditions.map(() => data.readers.map(() => breasts.map((): number | null => null)));
  const suspicion = emptyTable();
  const birads = emptyTable();
  for (const reading of data.readings) {
    const reader = readerIndexOf.get(reading.readerId);
    if (reader === undefined) continue;
    const condition = conditions.indexOf(reading.condition);
    for (const laterality of ["R", "L"] as const) {
      const column = columnOf.get(keyOf(reading.caseId, laterality));
      if (column === undefined) continue;
      const answers = reading.breasts[laterality];
      suspicion[condition]![reader]![column] = answers.suspicion;
      birads[condition]![reader]![column] =
        answers.birads === null ? null : biradsOrder.indexOf(answers.birads);
    }
  }
  return {
    readers: data.readers.map(({ caseIds, ...reader }) => ({
      ...reader,
      caseIndices: caseIds.map((caseId) => caseIndexOf.get(caseId)!),
    })),
    subjectIds: data.cases.map(({ subjectId }) => subjectId),
    breasts: breasts.map(({ caseId, isMalignant, laterality }) => ({
      caseIndex: caseIndexOf.get(caseId)!,
      isMalignant,
      score: scores.get(keyOf(caseId, laterality)) ?? null,
    })),
    consensusBreastCount: data.breasts.length - ofOthers.length,
    aidedConsensusBreastCount: ofOthers.length - breasts.length,
    suspicion,
    birads,
    readings: data.readings.map(({ readingId, readerId, caseId, condition, durationMs, mapRating }) => ({
      readingId,
      readerIndex: readerIndexOf.get(readerId)!,
      caseIndex: caseIndexOf.get(caseId)!,
      condition,
      durationMs,
      mapRating,
    })),
    images: data.images.map((image) => {
      const column = columnOf.get(keyOf(image.caseId, image.laterality));
      return {
        caseIndex: caseIndexOf.get(image.caseId)!,
        mapId: image.map?.mapId ?? null,
        isMalignant: column === undefined ? null : breasts[column]!.isMalignant,
        isMarked: image.referenceMarks.length > 0,
      };
    }),
    mapMeasures: mapMeasures.map(({ mapId, target, measures }) => ({ mapId, target, measures })),
    threshold: data.threshold,
  };
}

/** The highest score of a breast's views. */
function breastScores(data: ReaderStudyData, keyOf: (caseId: string, laterality: string) => string) {
  const scores = new Map<string, number>();
  for (const { caseId, laterality, score } of data.images) {
    if (score === null) continue;
    const key = keyOf(caseId, laterality);
    scores.set(key, Math.max(score, scores.get(key) ?? score));
  }
  return scores;
}
