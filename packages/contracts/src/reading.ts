import { z } from "zod";
import { readerMarkSchema } from "./reader-mark.ts";

export const conditionSchema = z.enum(["unaided", "aided"]);
export type Condition = z.infer<typeof conditionSchema>;

/** From incomplete over negative to known malignancy. The options of an enum lose it: object keys that look like indices come first. */
export const biradsOrder = ["0", "1", "2", "3", "4A", "4B", "4C", "5", "6"] as const;
export const biradsSchema = z.enum(biradsOrder);
export type Birads = z.infer<typeof biradsSchema>;

export const densitySchema = z.enum(["A", "B", "C", "D"]);
export type Density = z.infer<typeof densitySchema>;

const breastAnswersSchema = z.strictObject({
  birads: biradsSchema.nullable(),
  /** Suspicion of malignancy, 0 (none) to 100 (certain). */
  suspicion: z.int().min(0).max(100).nullable(),
});
export type BreastAnswers = z.infer<typeof breastAnswersSchema>;

/** A draft may be incomplete; a locked reading has every field (see `isComplete`). */
export const readingAnswersSchema = z.strictObject({
  breasts: z.strictObject({ R: breastAnswersSchema, L: breastAnswersSchema }),
  density: densitySchema.nullable(),
  marks: z.array(readerMarkSchema).max(200),
  comment: z.string().max(4_000),
});
export type ReadingAnswers = z.infer<typeof readingAnswersSchema>;

export const emptyReadingAnswers: ReadingAnswers = {
  breasts: { R: { birads: null, suspicion: null }, L: { birads: null, suspicion: null } },
  density: null,
  marks: [],
  comment: "",
};

export function isComplete(answers: ReadingAnswers): boolean {
  const { R, L } = answers.breasts;
  return (
    R.birads !== null &&
    L.birads !== null &&
    R.suspicion !== null &&
    L.suspicion !== null &&
    answers.density !== null
  );
}

/** The six questions about a saliency map. */
export const mapRatingSchema = z.strictObject({
  lesionInsideHotArea: z.enum(["yes", "partly", "no", "no-lesion"]),
  hasMissedLesion: z.boolean(),
  hasSpuriousAreas: z.boolean(),
  /** 1 (implausible) to 5 (fully plausible). */
  plausibility: z.int().min(1).max(5),
  wouldChangeRecall: z.enum(["no", "towards-recall", "towards-no-recall"]),
  comment: z.string().max(4_000),
});
export type MapRating = z.infer<typeof mapRatingSchema>;

/** Answers given so far; the reading that they belong to can be submitted once `mapRatingSchema` accepts them. */
export const mapRatingDraftSchema = mapRatingSchema.partial();
export type MapRatingDraft = z.infer<typeof mapRatingDraftSchema>;
