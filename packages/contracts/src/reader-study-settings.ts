import { z } from "zod";

/** Sequential: unaided, locked, then aided. Crossover: one condition a period, the other after a washout. */
export const readerStudyDesignSchema = z.enum(["sequential", "crossover"]);
export type ReaderStudyDesign = z.infer<typeof readerStudyDesignSchema>;

/** Fully crossed: every reader reads every case. Split-plot: each group of readers has cases of its own. Double reading: two readers a case. */
export const readerAllocationSchema = z.enum(["fully-crossed", "split-plot", "double-reading"]);
export type ReaderAllocation = z.infer<typeof readerAllocationSchema>;

export const participationSchema = z.enum(["planned", "invited", "accepted", "declined", "withdrawn"]);
export type Participation = z.infer<typeof participationSchema>;

export const readerStudySettingsSchema = z
  .strictObject({
    design: readerStudyDesignSchema,
    allocation: readerAllocationSchema,
    /** Of a split plot only. */
    groupCount: z.int().min(2).max(50).nullable(),
    washoutDays: z.int().min(1).max(365),
    sessionMinutes: z.int().min(5).max(480),
    breakAfterMinutes: z.int().min(1).max(480),
    breakMinutes: z.int().min(1).max(240),
  })
  .refine(({ allocation, groupCount }) => (allocation === "split-plot") === (groupCount !== null), {
    message: "A split plot, and nothing else, has groups.",
    path: ["groupCount"],
  })
  .refine(({ breakAfterMinutes, sessionMinutes }) => breakAfterMinutes <= sessionMinutes, {
    message: "The reminder of a break comes before the end of the session.",
    path: ["breakAfterMinutes"],
  });
export type ReaderStudySettings = z.infer<typeof readerStudySettingsSchema>;

export const defaultReaderStudySettings: ReaderStudySettings = {
  design: "sequential",
  allocation: "fully-crossed",
  groupCount: null,
  washoutDays: 28,
  sessionMinutes: 120,
  breakAfterMinutes: 45,
  breakMinutes: 15,
};
