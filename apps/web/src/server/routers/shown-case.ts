import { lateralitySchema, viewSchema } from "@crossread/contracts/dataset-manifest";
import { z } from "zod";

const dayMs = 86_400_000;

/** All that is told of an image to a person who has still to judge it: how to hang it and how large it is. */
export const shownImagesSchema = z.array(
  z.strictObject({
    instanceId: z.uuid(),
    laterality: lateralitySchema,
    view: viewSchema,
    widthPx: z.int(),
    heightPx: z.int(),
    pixelSpacingMm: z.number().nullable(),
  }),
);

export const shownPriorsSchema = z.array(
  z.strictObject({ daysBefore: z.int().min(1), images: shownImagesSchema }),
);

/** With what the lock of a step, or its submission, is asked for. */
export const stepEndSchema = z.strictObject({
  version: z.int().min(1),
  durationMs: z.int().min(0).max(dayMs),
});
