import { z } from "zod";
import { markGeometrySchema, markKindSchema } from "./mark.ts";
import { lesionDescriptorsSchema } from "./reference-mark.ts";

/** A mark that a reader drew; what is absent was not stated. */
export const readerMarkSchema = z.strictObject({
  markId: z.uuid(),
  instanceId: z.uuid(),
  geometry: markGeometrySchema,
  kind: markKindSchema,
  descriptors: lesionDescriptorsSchema.optional(),
  /** How well it can be seen: 1 (barely) to 5 (at once). */
  conspicuity: z.int().min(1).max(5).optional(),
});
export type ReaderMark = z.infer<typeof readerMarkSchema>;
