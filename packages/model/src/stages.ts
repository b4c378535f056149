import { z } from "zod";

/** One row of Tan & Le (2019) table 1; also of figure 5 of the paper that Crossread follows. */
export const stageSchema = z.strictObject({
  expandRatio: z.int().min(1).max(12),
  kernelSize: z.literal([3, 5, 7]),
  stride: z.literal([1, 2]),
  channels: z.int().min(1).max(4096),
  repeats: z.int().min(1).max(64),
});
export type Stage = z.infer<typeof stageSchema>;

// prettier-ignore
export const efficientNetB0Stages: readonly Stage[] = [
  { expandRatio: 1, kernelSize: 3, stride: 1, channels:  16, repeats: 1 },
  { expandRatio: 6, kernelSize: 3, stride: 2, channels:  24, repeats: 2 },
  { expandRatio: 6, kernelSize: 5, stride: 2, channels:  40, repeats: 2 },
  { expandRatio: 6, kernelSize: 3, stride: 2, channels:  80, repeats: 3 },
  { expandRatio: 6, kernelSize: 5, stride: 1, channels: 112, repeats: 3 },
  { expandRatio: 6, kernelSize: 5, stride: 2, channels: 192, repeats: 4 },
  { expandRatio: 6, kernelSize: 3, stride: 1, channels: 320, repeats: 1 },
];
