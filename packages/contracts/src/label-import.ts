import { z } from "zod";
import { assessmentSourceSchema, breastLabelSchema, densityLabelSchema } from "./breast-label.ts";
import { sha256Schema } from "./upload.ts";

export const labelImportLimits = { rows: 10_000, fileBytes: 8 * 1024 * 1024, columns: 200 } as const;

/** What a row says of a breast; a field that is absent stays as it is. */
const breastStatementSchema = breastLabelSchema
  .partial()
  .refine((statement) => Object.values(statement).some((value) => value !== undefined), "says nothing");
export type BreastStatement = z.infer<typeof breastStatementSchema>;

/** How a row names its case: by what Crossread calls it, never by what the hospital does. */
export const caseKeySchema = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("pseudonym"),
    pseudonym: z.string().min(1).max(100),
    studyDate: z.iso.date().nullable(),
  }),
  z.strictObject({ by: z.literal("study"), studyInstanceUid: z.string().regex(/^[0-9.]{1,64}$/) }),
]);
export type CaseKey = z.infer<typeof caseKeySchema>;

export const labelImportRowSchema = z.strictObject({
  /** Line of the file where the row ends; the header is line 1. */
  rowNumber: z.int().min(1),
  key: caseKeySchema,
  breasts: z.strictObject({ R: breastStatementSchema.optional(), L: breastStatementSchema.optional() }),
  density: densityLabelSchema.optional(),
});
export type LabelImportRow = z.infer<typeof labelImportRowSchema>;

/** A row that was refused before it was sent: its cells stay where the file is. */
export const refusedRowSchema = z.strictObject({ rowNumber: z.int().min(1), problem: z.string().max(100) });
export type RefusedRow = z.infer<typeof refusedRowSchema>;

export const labelTableSchema = z.strictObject({
  siteId: z.uuid(),
  fileSha256: sha256Schema,
  rows: z.array(labelImportRowSchema).max(labelImportLimits.rows),
  refusedRows: z.array(refusedRowSchema).max(labelImportLimits.rows),
});
export type LabelTable = z.infer<typeof labelTableSchema>;

/** Fields that a column can be mapped to. "…R" and "…L" are columns of files with one row a case. */
export const labelFieldSchema = z.enum([
  "pseudonym",
  "studyDate",
  "studyUid",
  "patientId",
  "issuer",
  "laterality",
  "finding",
  "findingR",
  "findingL",
  "source",
  "followUpMonths",
  "birads",
  "biradsR",
  "biradsL",
  "isIntervalCancer",
  "density",
]);
export type LabelField = z.infer<typeof labelFieldSchema>;

/** How the files of a site are read; kept for the next one. Value maps are by the trimmed, lower-case word. */
export const labelMappingSchema = z.strictObject({
  columns: z.partialRecord(labelFieldSchema, z.string().max(200)),
  findings: z.record(z.string().max(100), z.enum(["normal", "benign", "malignant", "unknown"])),
  dateOrder: z.enum(["ymd", "dmy", "mdy"]),
  /** Where no column says it. */
  source: breastLabelSchema.shape.source,
  densitySource: assessmentSourceSchema,
  /** Identifiers as the hospital has them, turned into Crossread's in the browser. */
  areHospitalIds: z.boolean(),
  /** A row without laterality that says normal means both breasts; any other such row is refused. */
  normalMeansBoth: z.boolean(),
});
export type LabelMapping = z.infer<typeof labelMappingSchema>;
