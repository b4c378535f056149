import { z } from "zod";

const coordinate = z.number();
const point = z.strictObject({ xPx: coordinate, yPx: coordinate });

/** Geometry in image pixels: x to the right, y downwards from the top-left corner of the stored image. */
export const markGeometrySchema = z.discriminatedUnion("shape", [
  z.strictObject({ shape: z.literal("point"), ...point.shape }),
  z.strictObject({ shape: z.literal("circle"), ...point.shape, radiusPx: z.number().positive() }),
  z.strictObject({
    shape: z.literal("ellipse"),
    ...point.shape,
    radiusXPx: z.number().positive(),
    radiusYPx: z.number().positive(),
    rotationRad: z.number(),
  }),
  z.strictObject({ shape: z.literal("polygon"), points: z.array(point).min(3).max(2_000) }),
]);
export type MarkGeometry = z.infer<typeof markGeometrySchema>;

export const markKindSchema = z.enum([
  "mass",
  "calcification",
  "asymmetry",
  "architectural-distortion",
  "other",
]);
export type MarkKind = z.infer<typeof markKindSchema>;
