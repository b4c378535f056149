import { z } from "zod";

/**
 * Similarity that lays one image on its copy. Coordinates are shares of each image's longest side, x to the right and y
 * downwards from the top-left corner; the first image is mirrored left to right first where isMirrored:
 * x' = a·x − b·y + tx, y' = b·x + a·y + ty.
 */
export const copyTransformSchema = z.strictObject({
  isMirrored: z.boolean(),
  a: z.number(),
  b: z.number(),
  tx: z.number(),
  ty: z.number(),
});
export type CopyTransform = z.infer<typeof copyTransformSchema>;

export const identityTransform: CopyTransform = { isMirrored: false, a: 1, b: 0, tx: 0, ty: 0 };

/** Size ratio and clockwise turn on the screen, in degrees. */
export const scaleOf = ({ a, b }: CopyTransform): number => Math.hypot(a, b);
export const turnOf = ({ a, b }: CopyTransform): number => (Math.atan2(b, a) * 180) / Math.PI;
