import { z } from "zod";
import { estimateSchema } from "./evaluation-report.ts";
import { markKindSchema } from "./mark.ts";
import { conditionSchema } from "./reading.ts";

const count = z.int().min(0);
const rate = z.number().min(0).max(1);
const undefinedSchema = z.strictObject({ undefined: z.string() });

/** What the data may leave without an answer: then the sentence why. One section never hides another. */
const section = <TSchema extends z.ZodType>(schema: TSchema) => z.union([schema, undefinedSchema]);

/** Index into `readers`; null is all of them together. */
const readerIndex = count;
const readerOrAll = count.nullable();

const interval = { value: z.number(), lower: z.number(), upper: z.number() };
const intervalSchema = z.strictObject(interval);
/** Two-sided p; null where nothing varies. */
const differenceSchema = z.strictObject({ ...interval, pValue: rate.nullable() });

/**
 * Who read what, as the readings show it: everybody the same cases; groups with cases of their own; each reader with cases of
 * their own; the same number of readers for each case, but in changing company; anything else.
 */
export const readingStructureSchema = z.enum(["crossed", "split-plot", "nested", "overlapping", "irregular"]);
export type ReadingStructure = z.infer<typeof readingStructureSchema>;

const pointSchema = z.strictObject({ falsePositiveRate: rate, truePositiveRate: rate });
const curveSchema = z.strictObject({
  auc: estimateSchema,
  malignantCount: count,
  benignCount: count,
  points: z.array(pointSchema),
});

/** Other readers, other cases; degrees of freedom null for infinite ones. */
const pooledDifferenceSchema = differenceSchema.extend({ degreesOfFreedom: z.number().nullable() });
const pooledSchema = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("obuchowski-rockette"),
    aided: intervalSchema,
    unaided: intervalSchema,
    difference: pooledDifferenceSchema,
    /** These readers, other cases. */
    fixedReaders: differenceSchema,
    /** Other readers, these cases. */
    fixedCases: differenceSchema,
    components: z.strictObject({
      reader: z.number(),
      conditionReader: z.number(),
      error: z.number(),
      cov1: z.number(),
      cov2: z.number(),
      cov3: z.number(),
    }),
  }),
  z.strictObject({
    method: z.literal("one-shot"),
    aided: intervalSchema,
    unaided: intervalSchema,
    difference: pooledDifferenceSchema,
    /** These readers, other cases; null where nobody's figure varies over the cases. */
    fixedReaders: differenceSchema.nullable(),
    /** Whether a reader was compared with those of the own block of shared cases, or with all others. */
    comparedWithin: z.enum(["blocks", "all"]),
    /** The variance of the difference: from the readers' spread, and what the cases that they share add. */
    variance: z.strictObject({ readers: z.number().min(0), sharedCases: z.number().min(0) }),
  }),
]);

const comparisonSchema = z.strictObject({
  figure: z.enum(["auc", "sensitivity", "specificity"]),
  byReader: z.array(
    z.strictObject({
      reader: readerIndex,
      result: section(
        z.strictObject({ aided: intervalSchema, unaided: intervalSchema, difference: differenceSchema }),
      ),
    }),
  ),
  pooled: section(pooledSchema),
  /** Mean of the finished readers' differences over resampled patients, where their design has no pooled analysis. */
  averaged: estimateSchema.nullable(),
});

const shareSchema = z.strictObject({ share: estimateSchema, count, total: count });

const changesOfSchema = z.strictObject({
  reader: readerOrAll,
  /** Breast × reader pairs. */
  count,
  malignant: z.strictObject({ raised: shareSchema, lowered: shareSchema }),
  other: z.strictObject({ raised: shareSchema, lowered: shareSchema }),
  /** Of all changes of suspicion: towards the reference standard. */
  suspicionRight: shareSchema,
  recall: z.strictObject({ right: count, wrong: count, rightShare: shareSchema }),
});

const bandSchema = z.strictObject({
  /** Mean of aided − unaided with its interval over patients. */
  bias: estimateSchema,
  /** Mean ± 1.96 standard deviations of the differences (Bland and Altman). */
  lowerLimit: z.number(),
  upperLimit: z.number(),
  count,
  /** Shape [10][10]: unaided suspicion in bins of ten × aided; 100 is in the last bin. */
  grid: z.array(z.array(count).length(10)).length(10),
});

export const agreementMeasureSchema = z.enum([
  "suspicion-icc",
  "suspicion-alpha",
  "birads-alpha",
  "birads-fleiss",
  "recall-alpha",
  "recall-fleiss",
]);
export type AgreementMeasure = z.infer<typeof agreementMeasureSchema>;

export const pairMeasureSchema = z.enum([
  "birads-quadratic",
  "birads-linear",
  "birads-unweighted",
  "recall-unweighted",
]);
export type PairMeasure = z.infer<typeof pairMeasureSchema>;

const bothConditions = { unaided: estimateSchema, aided: estimateSchema };

export const mapTargetSchema = z.discriminatedUnion("kind", [
  /** Malignant lesion marks of the reference standard. */
  z.strictObject({ kind: z.literal("reference") }),
  z.strictObject({ kind: z.literal("reader"), reader: readerOrAll, condition: conditionSchema }),
]);
export type MapTarget = z.infer<typeof mapTargetSchema>;

const quantitySchema = z.strictObject({
  value: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  /** Maps, or marks for the share of marks found. */
  count,
});

const mapRowSchema = z.strictObject({
  target: mapTargetSchema,
  /** Null: all. "mixed" where an image has marks of several types. */
  findingType: z.union([markKindSchema, z.literal("mixed")]).nullable(),
  result: section(
    z.strictObject({
      subjectCount: count,
      mapCount: count,
      markedMapCount: count,
      pointing: quantitySchema.nullable(),
      energyInside: quantitySchema.nullable(),
      /** What a map without aim would score in both. */
      markShare: quantitySchema.nullable(),
      marksFound: quantitySchema.nullable(),
      spuriousPerMap: quantitySchema.nullable(),
      spuriousPerUnmarkedMap: quantitySchema.nullable(),
      overlaps: z.array(z.strictObject({ threshold: rate, iou: quantitySchema, dice: quantitySchema })),
    }),
  ),
});
export type MapRow = z.infer<typeof mapRowSchema>;

const ratingsOfSchema = z.strictObject({
  reader: readerOrAll,
  count,
  subjectCount: count,
  lesionInside: z.strictObject({
    yes: shareSchema,
    partly: shareSchema,
    no: shareSchema,
    "no-lesion": shareSchema,
  }),
  missedLesion: shareSchema,
  spuriousAreas: shareSchema,
  /** Ratings of 1 to 5. */
  plausibility: z.array(count).length(5),
  meanPlausibility: estimateSchema,
  changeRecall: z.strictObject({
    no: shareSchema,
    "towards-recall": shareSchema,
    "towards-no-recall": shareSchema,
  }),
  commentCount: count,
});

const timesSchema = z.strictObject({
  reader: readerOrAll,
  condition: conditionSchema,
  count,
  /** Of the time of a reading, in milliseconds. */
  p10: z.number(),
  p25: z.number(),
  median: z.number(),
  p75: z.number(),
  p90: z.number(),
  /** Of the median, over resampled patients. */
  medianInterval: estimateSchema,
});

/** Everything that the page of a closed reader study shows; docs/reader-study-statistics.md has the formulas. */
export const readerStudyAnalysisSchema = z.strictObject({
  structure: readingStructureSchema,
  /** The structure in a sentence. */
  structureNote: z.string(),
  /** Which method compares the conditions and why, in words. */
  comparisonNote: z.string(),
  readers: z.array(
    z.strictObject({
      readerId: z.uuid(),
      caseCount: count,
      submittedCount: count,
      /** Who read every case of theirs under both conditions counts in everything that follows. */
      isComplete: z.boolean(),
      /** In the comparisons: the share of their cases that they read; null: does not count there either. */
      weight: rate.nullable(),
      /** 0-based group of readers who share their cases; null where there are no such groups. */
      group: count.nullable(),
    }),
  ),
  caseCount: count,
  breastCount: count,
  malignantCount: count,
  subjectCount: count,
  /** Breasts left out because their reference standard is the consensus of this study's own readers. */
  consensusBreastCount: count,
  /** Breasts left out because their reference standard is a consensus of other readers who saw a model's aid. */
  aidedConsensusBreastCount: count,
  comparisons: z.array(comparisonSchema),
  curves: z.array(
    z.strictObject({
      reader: readerOrAll,
      condition: conditionSchema,
      result: section(
        curveSchema.extend({ /** Where BI-RADS 0, 4, 5 or 6 puts the reader. */ recallPoint: pointSchema }),
      ),
    }),
  ),
  model: section(
    curveSchema.extend({
      operatingPoint: pointSchema.extend({ threshold: z.number() }).nullable(),
    }),
  ),
  changes: section(
    z.strictObject({
      rows: z.array(changesOfSchema),
      malignant: section(bandSchema),
      other: section(bandSchema),
    }),
  ),
  agreement: z.array(
    z.strictObject({ measure: agreementMeasureSchema, ...bothConditions, difference: estimateSchema }),
  ),
  pairs: z.array(
    z.strictObject({
      first: readerIndex,
      second: readerIndex,
      /** Breasts that both rated. */
      breastCount: count,
      measures: z.array(
        z.strictObject({
          measure: pairMeasureSchema,
          aided: section(intervalSchema),
          unaided: section(intervalSchema),
          difference: section(intervalSchema),
        }),
      ),
    }),
  ),
  maps: section(
    z.strictObject({
      imageCount: count,
      mapCount: count,
      /** Maps that are 0 everywhere. */
      flatMapCount: count,
      /** Maps whose file is missing or unreadable. */
      unreadableMapCount: count,
      /** Marks that lie outside of their map. */
      outsideMarkCount: count,
      /** Images of a malignant breast without a lesion mark: where the lesion is, is not known. */
      unmarkedMalignantCount: count,
      rows: z.array(mapRowSchema),
    }),
  ),
  mapRatings: section(
    z.strictObject({
      rows: z.array(ratingsOfSchema),
      agreement: z.array(
        z.strictObject({
          question: z.enum(["lesionInside", "missedLesion", "spuriousAreas", "plausibility", "changeRecall"]),
          alpha: estimateSchema,
        }),
      ),
      /** Spearman's correlation of plausibility with the energy inside the marks of the case. */
      plausibilityAndEnergy: z.array(
        z.strictObject({
          target: z.enum(["reference", "own-marks"]),
          count,
          correlation: estimateSchema,
        }),
      ),
    }),
  ),
  times: section(z.array(timesSchema)),
  method: z.strictObject({
    confidence: rate,
    replicates: count,
    seed: z.int(),
    /** Share of a map's maximum from which a pixel is hot. */
    hotThreshold: rate,
    minimumRegionPx: count,
    /** Groups of fewer patients are not shown. */
    minimumSubjects: count,
  }),
});
export type ReaderStudyAnalysis = z.infer<typeof readerStudyAnalysisSchema>;

/** One map against the marks of one reading or of the reference standard. */
export const mapMeasuresSchema = z.strictObject({
  /** Null: the map is 0 everywhere, and nothing can be measured. */
  measures: z
    .strictObject({
      marked: z
        .strictObject({
          pointing: rate,
          energyInside: z.number(),
          overlaps: z.array(
            z.strictObject({ threshold: rate, iou: z.number(), dice: z.number(), hotShare: rate }),
          ),
          markShare: rate,
        })
        .optional(),
      regions: z.strictObject({
        marks: z.array(z.strictObject({ hotShare: rate, isFound: z.boolean() })),
        missedMarkCount: count,
        spuriousRegionCount: count,
      }),
    })
    .nullable(),
  /** Of the marks that were measured. */
  kinds: z.array(markKindSchema),
  outsideMarkCount: count,
});
export type StoredMapMeasures = z.infer<typeof mapMeasuresSchema>;
