import { z } from "zod";
import type { Birads } from "./reading.ts";

/** What disagreed on a breast; one breast may have several. */
export const discordanceKindSchema = z.enum(["reader-reader", "reader-reference", "reader-ai", "ai-changed"]);
export type DiscordanceKind = z.infer<typeof discordanceKindSchema>;

/** When two readers disagree besides on recall; null: that scale is not compared. */
export const discordanceThresholdsSchema = z.strictObject({
  /** Steps apart on the scale 1, 2, 3, 4A, 4B, 4C, 5. */
  biradsSteps: z.int().min(1).max(6).nullable(),
  /** Points of suspicion apart, of 100. */
  suspicionPoints: z.int().min(1).max(100).nullable(),
});
export type DiscordanceThresholds = z.infer<typeof discordanceThresholdsSchema>;

export const defaultDiscordanceThresholds: DiscordanceThresholds = { biradsSteps: 3, suspicionPoints: 50 };

/** Everything that a queue was opened by: read again, it finds the same discordances. */
export const discordanceRulesSchema = z.strictObject({
  kinds: z.array(discordanceKindSchema).min(1).max(4),
  thresholds: discordanceThresholdsSchema,
  /** Null where the model has no operating point on the cohort of the study. */
  model: z.strictObject({ checkpointId: z.uuid(), threshold: z.number() }).nullable(),
  /** The checkpoint of the same training run that is compared with the study's; null: none. */
  earlierCheckpointId: z.uuid().nullable(),
});
export type DiscordanceRules = z.infer<typeof discordanceRulesSchema>;

/**
 * Whether an assessment calls the woman back: 0 (incomplete, more imaging needed), 4 and 5.
 * 6 is a cancer that is proven already; a reader who says it does not send her home.
 *
 * @source Breast Cancer Surveillance Consortium, Standard Definitions: 0, 4 and 5 are positive; 3 is so only with
 * immediate further work-up, which a reader here says by 0. BI-RADS categories: ACR BI-RADS Atlas, 5th edition (2013).
 */
export const isRecall = (birads: Birads): boolean =>
  birads === "0" || birads.startsWith("4") || birads === "5" || birads === "6";
