import { z } from "zod";
import { labelStateSchema } from "./breast-label.ts";
import { technicalLabelSchema } from "./technical-label.ts";
import { acquisitionSchema, lateralitySchema, viewSchema } from "./dataset-manifest.ts";

/** Four standard views there, more than once, one breast only, some missing, none. */
export const completenessSchema = z.enum([
  "complete",
  "extra-views",
  "one-breast",
  "missing-views",
  "no-images",
]);
export type Completeness = z.infer<typeof completenessSchema>;

/** A technical label that some image of the study has; "plain" is a study without any. */
export const technicalFacetSchema = z.enum(["plain", ...technicalLabelSchema.options]);

export const ageBands = ["under 40", "40–49", "50–59", "60–69", "70 and over", "unknown"] as const;
export const ageBandSchema = z.enum(ageBands);

const text = z.string().min(1).max(120);
const some = <TSchema extends z.ZodType>(schema: TSchema) => z.array(schema).min(1).max(40);

/** A month or a day. */
const periodSchema = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/);

/** One list of accepted values a facet: or within a facet, and between them. */
export const studyFacetFilterSchema = z.strictObject({
  acquisition: some(acquisitionSchema).optional(),
  device: some(text).optional(),
  view: some(viewSchema).optional(),
  laterality: some(lateralitySchema).optional(),
  density: some(text).optional(),
  label: some(labelStateSchema).optional(),
  completeness: some(completenessSchema).optional(),
  implant: some(z.enum(["implant", "none known"])).optional(),
  technical: some(technicalFacetSchema).optional(),
  age: some(ageBandSchema).optional(),
  received: some(periodSchema).optional(),
  tag: some(text).optional(),
});
export type StudyFacetFilter = z.infer<typeof studyFacetFilterSchema>;
export type StudyFacet = keyof StudyFacetFilter;

export const studyFilterSchema = studyFacetFilterSchema.extend({
  siteId: z.uuid().optional(),
  /** Study date, inclusive. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  /** Part of a pseudonym, a case name or a study UID. */
  search: z.string().trim().max(100).optional(),
});
export type StudyFilter = z.infer<typeof studyFilterSchema>;

export const studySortSchema = z.enum([
  "received-newest",
  "received-oldest",
  "study-date-newest",
  "study-date-oldest",
  "name",
]);
export type StudySort = z.infer<typeof studySortSchema>;

/** Where a page begins or ends: the sort key and the id of the study there, "key~id". */
export const studyCursorSchema = z
  .string()
  .max(200)
  .regex(/^.+~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

export const tagSchema = z
  .string()
  .transform((tag) => tag.normalize("NFC").replaceAll(/\s+/g, " ").trim().toLowerCase())
  .pipe(z.string().min(1, "A tag needs at least one character.").max(40, "A tag has at most 40 characters."));
