import { z } from "zod";

export const lateralitySchema = z.enum(["L", "R"]);
export type Laterality = z.infer<typeof lateralitySchema>;

export const viewSchema = z.enum(["CC", "MLO"]);
export type View = z.infer<typeof viewSchema>;

/** Binary target of the classifier: normal and benign findings are "benign". */
export const classLabelSchema = z.enum(["benign", "malignant"]);
export type ClassLabel = z.infer<typeof classLabelSchema>;

export const findingSchema = z.enum(["normal", "benign", "malignant"]);
export type Finding = z.infer<typeof findingSchema>;

/** Film-digitised and digital sources are different domains and never share a site cohort silently. */
export const acquisitionSchema = z.enum(["film-digitised", "digital", "synthetic"]);
export type Acquisition = z.infer<typeof acquisitionSchema>;

/** Lesion mark in image pixels: x to the right, y downwards from the top-left corner of the stored image. */
export const lesionMarkSchema = z.strictObject({
  shape: z.literal("circle"),
  xPx: z.number(),
  yPx: z.number(),
  radiusPx: z.number().positive(),
  /** Corners of the drawn contour where the source has one; the circle then encloses it. */
  outlinePx: z
    .array(z.tuple([z.number(), z.number()]))
    .min(3)
    .max(10_000)
    .optional(),
  kind: z.string(),
  finding: z.enum(["benign", "malignant"]),
});
export type LesionMark = z.infer<typeof lesionMarkSchema>;

export const datasetImageSchema = z.strictObject({
  imageId: z.string().min(1),
  /** Path inside the dataset directory, forward slashes. */
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  subjectId: z.string().min(1),
  /** Site that the source itself names; importers of single-site sets leave it out. */
  siteId: z.string().min(1).optional(),
  laterality: lateralitySchema,
  view: viewSchema,
  label: classLabelSchema,
  finding: findingSchema,
  /** Where it differs from the dataset's: a folder of several sources. */
  acquisition: acquisitionSchema.optional(),
  density: z.string().optional(),
  lesions: z.array(lesionMarkSchema),
});
export type DatasetImage = z.infer<typeof datasetImageSchema>;

export const datasetManifestSchema = z.strictObject({
  format: z.literal("crossread-dataset"),
  version: z.literal(1),
  name: z.string().min(1),
  source: z.enum(["mias", "phantom", "cbis-ddsm", "inbreast", "cmmd", "csv"]),
  acquisition: acquisitionSchema,
  /** Licence or terms as the source states them. */
  licence: z.string(),
  images: z.array(datasetImageSchema),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;
