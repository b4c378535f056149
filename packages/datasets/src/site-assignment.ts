import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { createRandom } from "@crossread/metrics/random";
import { apportion, listSubjects } from "./subject-stratum.ts";

export interface SiteAssignmentOptions {
  readonly images: readonly DatasetImage[];
  readonly siteCount: number;
  readonly seed: number;
}

/**
 * Spreads the subjects of a single-site set over simulated sites of equal size and equal class mix.
 *
 * @returns the images in the same order with siteId "site-1" … "site-N"; a subject's images stay together
 * @throws {DomainError} "plan-invalid" for fewer than one site; "cohort-invalid" if an image already names its site; "one-class-cohort" if a class has fewer subjects than sites
 */
export function assignSites(options: SiteAssignmentOptions): DatasetImage[] {
  const { images, siteCount, seed } = options;
  if (!Number.isSafeInteger(siteCount) || siteCount < 1) {
    throw new DomainError("plan-invalid", `A federation needs at least 1 site, got ${siteCount}.`);
  }
  const placed = images.find(({ siteId }) => siteId !== undefined);
  if (placed !== undefined) {
    throw new DomainError(
      "cohort-invalid",
      `Sites are only assigned to images without one, but ${placed.imageId} belongs to ${placed.siteId}.`,
    );
  }
  const subjects = listSubjects(images);
  const random = createRandom(seed).fork("site assignment");
  const siteOfSubject = new Map<string, string>();
  for (const label of ["benign", "malignant"] as const) {
    const stratum = random.fork(label).shuffle(subjects.filter((subject) => subject.label === label));
    if (stratum.length < siteCount) {
      throw new DomainError(
        "one-class-cohort",
        `Each of ${siteCount} sites needs a ${label} subject, but the dataset has ${stratum.length}.`,
        { details: { label, subjectCount: stratum.length } },
      );
    }
    let next = 0;
    const sizes = apportion(
      stratum.length,
      Array.from({ length: siteCount }, () => 1),
    );
    // The class that comes second starts at the other end, so that odd subjects do not all fall to the first site.
    if (label === "malignant") sizes.reverse();
    for (const [index, size] of sizes.entries()) {
      for (const { subjectId } of stratum.slice(next, next + size)) {
        siteOfSubject.set(subjectId, `site-${index + 1}`);
      }
      next += size;
    }
  }
  return images.map((image) => {
    const siteId = siteOfSubject.get(image.subjectId);
    return siteId === undefined ? image : { ...image, siteId };
  });
}
