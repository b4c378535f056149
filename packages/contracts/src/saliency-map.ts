import { z } from "zod";

/**
 * Scale and offset that carry a point of the image (pixels) to the model's input frame: x′ = scale · x + offsetX.
 * The padding is symmetric; the aspect ratio is kept.
 */
export const transformChainSchema = z.strictObject({
  imageWidthPx: z.int().positive(),
  imageHeightPx: z.int().positive(),
  inputSizePx: z.int().positive(),
  scale: z.number().positive(),
  offsetXPx: z.number(),
  offsetYPx: z.number(),
});
export type TransformChain = z.infer<typeof transformChainSchema>;
