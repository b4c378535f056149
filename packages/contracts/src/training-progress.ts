import { z } from "zod";

/** State of one site's local training inside a round; written while it runs, kept as its curve afterwards. */
export const siteProgressSchema = z.strictObject({
  epoch: z.int().min(0),
  epochs: z.int().min(1),
  step: z.int().min(0),
  steps: z.int().min(0),
  secondsLeft: z.number().min(0).nullable(),
  curve: z.array(
    z.strictObject({
      epoch: z.int().min(1),
      trainLoss: z.number(),
      tuningLoss: z.number().nullable(),
      tuningAuc: z.number().nullable(),
      gradientNorm: z.number(),
    }),
  ),
});
export type SiteProgress = z.infer<typeof siteProgressSchema>;
