import { DomainError } from "@crossread/contracts/errors";
import type { CohortImage } from "@crossread/db/cohort-images";
import type { RunSite } from "@crossread/db/run-state";
import { labelOf } from "./image-references.ts";

/** Training needs both classes at every site: a site that has seen one class only pulls the average towards it. */
export function assertBothClasses(sites: readonly RunSite[], images: readonly CohortImage[]): void {
  for (const site of sites) {
    const ofSite = images.filter((image) => image.siteId === site.siteId && image.split === "train");
    const malignant = ofSite.filter((image) => labelOf(image) === 1).length;
    const benign = ofSite.length - malignant;
    if (malignant === 0 || benign === 0) {
      throw new DomainError(
        "one-class-cohort",
        `Every site needs benign and malignant training images, but site ${site.code} has ${benign} benign and ${malignant} malignant.`,
        { details: { site: site.code, benign, malignant } },
      );
    }
  }
}
