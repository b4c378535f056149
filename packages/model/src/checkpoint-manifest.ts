import { z } from "zod";
import { modelConfigSchema } from "./config.ts";
import { normalisationSchema } from "./normalisation.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** One site's contribution to an aggregated checkpoint. */
export const lineageUpdateSchema = z.strictObject({
  siteId: z.string().min(1),
  exampleCount: z.int().min(0),
  /** Of the update's safetensors. */
  sha256: sha256Schema,
  /** L2 norm of update − parent over the trainable numbers. */
  norm: z.number().min(0).optional(),
  /** Cosine between this site's step and the aggregated one. */
  cosineToMean: z.number().min(-1.000001).max(1.000001).optional(),
  /** Rule that kept it out of the aggregate, where one did. */
  refusedCode: z.string().min(1).optional(),
});
export type LineageUpdate = z.infer<typeof lineageUpdateSchema>;

/** Where a checkpoint comes from; what is needed to make it again. */
export const lineageSchema = z.strictObject({
  origin: z.enum(["initial", "imported", "trained", "aggregated"]),
  /** Checkpoint id of the model that this one continues; null for the first. */
  parentId: sha256Schema.nullable(),
  /** 0 = the initial model. */
  round: z.int().min(0),
  strategy: z
    .strictObject({ name: z.string().min(1), parameters: z.record(z.string(), z.number()) })
    .nullable(),
  seed: z.int().min(0).nullable(),
  /** Membership digests of the cohorts that this checkpoint has learned from. */
  cohortDigests: z.array(z.string().min(1)),
  updates: z.array(lineageUpdateSchema),
  codeVersion: z.string().min(1),
  /** Digest of the file that the weights were imported from. */
  sourceSha256: sha256Schema.nullable(),
});
export type Lineage = z.infer<typeof lineageSchema>;

export const checkpointManifestSchema = z.strictObject({
  format: z.literal("crossread-checkpoint"),
  version: z.literal(1),
  config: modelConfigSchema,
  normalisation: normalisationSchema,
  classNames: z.array(z.string().min(1)).min(2),
  weights: z.strictObject({ sha256: sha256Schema, sizeBytes: z.int().positive() }),
  lineage: lineageSchema,
});
export type CheckpointManifest = z.infer<typeof checkpointManifestSchema>;
