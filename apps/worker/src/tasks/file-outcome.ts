import { lateralitySchema, viewSchema } from "@crossread/contracts/dataset-manifest";
import { fileDeidentificationSchema } from "@crossread/contracts/deidentification-receipt";
import { heldFileSchema } from "@crossread/contracts/held-file";
import { z } from "zod";

/** What a file says about itself, without its pixels: what the platform stores as rows. */
export const acceptedFileSchema = z.strictObject({
  pseudonym: z.string().min(1).max(64),
  studyInstanceUid: z.string(),
  studyDate: z.string().optional(),
  patientAgeYears: z.int().optional(),
  seriesInstanceUid: z.string(),
  sopInstanceUid: z.string(),
  laterality: lateralitySchema,
  view: viewSchema,
  rows: z.int().positive(),
  columns: z.int().positive(),
  bitsStored: z.int(),
  photometricInterpretation: z.string(),
  imagerPixelSpacingMm: z.number().optional(),
  sopClassUid: z.string().optional(),
  manufacturer: z.string().optional(),
  manufacturerModelName: z.string().optional(),
  hasBreastImplant: z.boolean().optional(),
  labels: z.array(z.string()).optional(),
  blobKey: z.string(),
  sha256: z.string(),
  sizeBytes: z.int(),
  thumbnailKey: z.string(),
  perceptualHash: z.string().optional(),
});
export type AcceptedFile = z.infer<typeof acceptedFileSchema>;

export const fileOutcomeSchema = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    file: acceptedFileSchema,
    /** Absent for generated images, which never named anybody. */
    deidentification: fileDeidentificationSchema.optional(),
  }),
  z.strictObject({
    ok: z.literal(false),
    sha256: z.string(),
    sizeBytes: z.int(),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    /** Of the de-identified file, where it got that far. */
    sopInstanceUid: z.string().optional(),
    /** Kept until a person has decided about its pixels. */
    held: heldFileSchema.optional(),
  }),
]);
export type FileOutcome = z.infer<typeof fileOutcomeSchema>;
