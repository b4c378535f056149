import { datasetSourceSchema } from "@crossread/contracts/dataset-source";
import { lesionMarkSchema, findingSchema, lateralitySchema } from "@crossread/contracts/dataset-manifest";
import { decidedFileSchema } from "@crossread/contracts/held-file";
import { markGeometrySchema, markKindSchema } from "@crossread/contracts/mark";
import { pixelRuleSchema } from "@crossread/contracts/pixel-rule";
import { mapMeasuresSchema, readerStudyAnalysisSchema } from "@crossread/contracts/reader-study-analysis";
import { transformChainSchema } from "@crossread/contracts/saliency-map";
import { trainingPlanSchema } from "@crossread/contracts/training-plan";
import { siteProgressSchema } from "@crossread/contracts/training-progress";
import { checkpointManifestSchema } from "@crossread/model/checkpoint-manifest";
import { z } from "zod";
import { studyTablesSchema } from "../reader-study/study-tables.ts";
import { fileOutcomeSchema, acceptedFileSchema } from "./file-outcome.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const engineSchema = z.strictObject({ name: z.string(), threadCount: z.int().min(1) });

/** An image by reference: the process reads the pixels itself. */
const imageReferenceSchema = z.strictObject({
  imageId: z.string(),
  subjectId: z.string(),
  label: z.literal([0, 1]),
  blobKey: z.string(),
  sha256: sha256Schema,
});
export type ImageReference = z.infer<typeof imageReferenceSchema>;

const checkpointReferenceSchema = z.strictObject({
  manifest: checkpointManifestSchema,
  blobKey: z.string(),
});
export type CheckpointReference = z.infer<typeof checkpointReferenceSchema>;

const referencedStudySchema = z.strictObject({
  density: z.string().nullable(),
  findings: z.array(z.strictObject({ laterality: lateralitySchema, finding: findingSchema })),
  files: z.array(z.strictObject({ file: acceptedFileSchema, lesions: z.array(lesionMarkSchema) })),
});
export type ReferencedStudy = z.infer<typeof referencedStudySchema>;

/** Work that computes for long runs in a process of its own; these are its questions, reports and answers. */
export const taskContracts = {
  /** Mean and deviation over the sites' training images, and the weights to start from. */
  "prepare-model": {
    input: z.strictObject({
      architecture: trainingPlanSchema.shape.architecture,
      seed: z.int(),
      cohortDigest: z.string(),
      codeVersion: z.string(),
      imageNetWeightsFile: z.string().nullable(),
      sites: z.array(z.strictObject({ code: z.string(), images: z.array(imageReferenceSchema) })),
    }),
    event: z.strictObject({ done: z.int(), total: z.int() }),
    output: checkpointReferenceSchema.extend({ sha256: sha256Schema }),
  },
  "train-local": {
    input: z.strictObject({
      engine: engineSchema,
      base: checkpointReferenceSchema,
      roundNumber: z.int().min(1),
      plan: trainingPlanSchema,
      seed: z.int(),
      train: z.array(imageReferenceSchema),
      tuning: z.array(imageReferenceSchema),
      /** Where the training puts down its state, so that a second attempt goes on instead of starting over. */
      stateKey: z.string(),
      stateIntervalMs: z.number().min(0),
    }),
    event: siteProgressSchema,
    output: z.strictObject({
      blobKey: z.string(),
      sha256: sha256Schema,
      exampleCount: z.int().positive(),
      progress: siteProgressSchema,
    }),
  },
  predict: {
    input: z.strictObject({
      engine: engineSchema,
      checkpoint: checkpointReferenceSchema,
      images: z.array(imageReferenceSchema),
    }),
    event: z.array(z.strictObject({ imageId: z.string(), score: z.number().min(0).max(1) })),
    output: z.strictObject({ count: z.int() }),
  },
  explain: {
    input: z.strictObject({
      engine: engineSchema,
      checkpoint: checkpointReferenceSchema,
      classIndex: z.int().min(0),
      layer: z.enum(["cbam", "last-conv"]),
      images: z.array(imageReferenceSchema),
    }),
    event: z.strictObject({
      imageId: z.string(),
      blobKey: z.string(),
      widthPx: z.int().positive(),
      heightPx: z.int().positive(),
      transform: transformChainSchema,
    }),
    output: z.strictObject({ count: z.int() }),
  },
  "inspect-files": {
    input: z.strictObject({
      /** The site's key for pseudonyms, base64. */
      siteKey: z.base64(),
      /** The digest is that of the staged bytes, where their sender told it. */
      files: z.array(
        z.strictObject({
          key: z.string(),
          sha256: sha256Schema.nullable(),
          decided: decidedFileSchema.optional(),
        }),
      ),
      pixelRules: z.array(pixelRuleSchema),
    }),
    event: z.strictObject({ index: z.int().min(0), outcome: fileOutcomeSchema }),
    output: z.strictObject({ count: z.int() }),
  },
  "fingerprint-images": {
    input: z.strictObject({
      images: z.array(imageReferenceSchema.pick({ imageId: true, blobKey: true, sha256: true })),
    }),
    event: z.strictObject({ imageId: z.string(), fingerprint: z.string().nullable() }),
    output: z.strictObject({ count: z.int() }),
  },
  "generate-phantoms": {
    input: z.strictObject({
      siteIndex: z.int().min(0),
      caseCount: z.int().min(1),
      seed: z.int(),
      difficulty: z.number().min(0).max(1),
      malignantFraction: z.number().min(0).max(1),
      benignFraction: z.number().min(0).max(1),
      frame: z.strictObject({ widthPx: z.int(), heightPx: z.int(), pixelSizeMm: z.number() }).nullable(),
    }),
    event: referencedStudySchema,
    output: z.strictObject({ count: z.int() }),
  },
  /** Saliency maps against marks, in pixels of the image. */
  "measure-maps": {
    input: z.strictObject({
      maps: z.array(
        z.strictObject({
          mapId: z.uuid(),
          blobKey: z.string(),
          image: z.strictObject({ widthPx: z.int().positive(), heightPx: z.int().positive() }),
          targets: z.array(
            z.strictObject({
              target: z.string(),
              inputDigest: sha256Schema,
              marks: z.array(z.strictObject({ geometry: markGeometrySchema, kind: markKindSchema })),
            }),
          ),
        }),
      ),
    }),
    event: z.strictObject({
      mapId: z.uuid(),
      measures: z.array(
        z.strictObject({ target: z.string(), inputDigest: sha256Schema, measures: mapMeasuresSchema }),
      ),
    }),
    output: z.strictObject({ count: z.int() }),
  },
  /** The statistics of a closed reader study. */
  "analyse-readings": {
    input: studyTablesSchema,
    event: z.strictObject({ share: z.number().min(0).max(1) }),
    output: readerStudyAnalysisSchema,
  },
  "import-films": {
    input: z.strictObject({ dataset: datasetSourceSchema, siteCount: z.int().min(1), seed: z.int() }),
    event: z.strictObject({ siteIndex: z.int().min(0), total: z.int(), study: referencedStudySchema }),
    output: z.strictObject({ count: z.int() }),
  },
} as const satisfies Record<string, { input: z.ZodType; event: z.ZodType; output: z.ZodType }>;

export type TaskName = keyof typeof taskContracts;
export type TaskInput<TName extends TaskName> = z.infer<(typeof taskContracts)[TName]["input"]>;
export type TaskEvent<TName extends TaskName> = z.infer<(typeof taskContracts)[TName]["event"]>;
export type TaskOutput<TName extends TaskName> = z.infer<(typeof taskContracts)[TName]["output"]>;
