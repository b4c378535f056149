import { z } from "zod";

/** How the threshold is chosen, fixed before anything runs; it is always chosen on the tuning split. */
export const operatingPointRuleSchema = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("youden") }),
  z.strictObject({ rule: z.literal("target-sensitivity"), sensitivity: z.number().min(0.5).max(1) }),
  z.strictObject({ rule: z.literal("fixed"), threshold: z.number().min(0).max(1) }),
]);
export type OperatingPointRule = z.infer<typeof operatingPointRuleSchema>;
