import { conditionSchema, mapRatingSchema, readingAnswersSchema } from "@crossread/contracts/reading";
import { z } from "zod";

/** One locked reading: one reader, one case, one condition. The reader has a pseudonym only. */
export const readingRecordSchema = z.strictObject({
  readingId: z.uuid(),
  readerStudyId: z.uuid(),
  readerPseudonym: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, "must be a pseudonym of letters, digits and hyphens"),
  condition: conditionSchema,
  lockedAt: z.iso.datetime({ precision: 3 }),
  durationMs: z.int().min(0),
  answers: readingAnswersSchema,
  mapRating: mapRatingSchema.nullable(),
});
export type ReadingRecord = z.infer<typeof readingRecordSchema>;
