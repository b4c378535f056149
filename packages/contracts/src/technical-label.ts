import { z } from "zod";

/** What an accepted image is besides a plain view of a native breast; dicom/mammography-labels says when each holds. */
export const technicalLabelSchema = z.enum([
  "synthetic-2d",
  "contrast-low-energy",
  "implant",
  "implant-displaced",
  "rolled",
  "partial-breast",
  "other-modifier",
  "male",
  "film-digitised",
  "no-spacing",
  "side-doubtful",
]);
export type TechnicalLabel = z.infer<typeof technicalLabelSchema>;
