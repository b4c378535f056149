import type { CohortImage } from "@crossread/db/cohort-images";
import type { ImageReference } from "../tasks/task-contracts.ts";

export const toImageReference = (image: CohortImage): ImageReference => ({
  imageId: image.instanceId,
  subjectId: image.subjectId,
  label: labelOf(image),
  blobKey: image.blobKey,
  sha256: image.sha256,
});

/** Normal and benign breasts are one class. */
export const labelOf = (image: { readonly finding: CohortImage["finding"] }): 0 | 1 =>
  image.finding === "malignant" ? 1 : 0;
