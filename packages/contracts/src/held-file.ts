/** A file that waits for a person's word about its pixels, as the worker found it. */
import { z } from "zod";
import { fileDeidentificationSchema } from "./deidentification-receipt.ts";
import { pixelAnswerSchema, pixelRegionsSchema } from "./pixel-rule.ts";

export const heldFileSchema = z.strictObject({
  /** De-identified in everything but its pixels. */
  blobKey: z.string(),
  blobSha256: z.string().regex(/^[0-9a-f]{64}$/),
  previewKey: z.string(),
  /** "" where the file does not say. */
  manufacturer: z.string(),
  model: z.string(),
  rows: z.int().positive(),
  columns: z.int().positive(),
  regions: pixelRegionsSchema,
  /** Of the file as it came in: what is kept is already clean. */
  deidentification: fileDeidentificationSchema,
});
export type HeldFile = z.infer<typeof heldFileSchema>;

/** What the worker needs to go on with a held file. */
export const decidedFileSchema = z.strictObject({
  answer: pixelAnswerSchema,
  deidentification: fileDeidentificationSchema,
});
export type DecidedFile = z.infer<typeof decidedFileSchema>;
