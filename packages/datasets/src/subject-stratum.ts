import type { ClassLabel, DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";

export interface LabelledSubject {
  readonly subjectId: string;
  readonly siteId: string | undefined;
  /** Malignant if any image of the subject is. */
  readonly label: ClassLabel;
}

/** Subjects in order of id, so that what is drawn from them does not depend on the order of images. */
export function listSubjects(images: readonly DatasetImage[]): LabelledSubject[] {
  const subjects = new Map<string, LabelledSubject>();
  for (const { subjectId, siteId, label } of images) {
    const earlier = subjects.get(subjectId);
    if (earlier !== undefined && earlier.siteId !== siteId) {
      throw new DomainError(
        "cohort-invalid",
        `A subject belongs to one site, but ${subjectId} has images of ${earlier.siteId ?? "no site"} and ${siteId ?? "no site"}.`,
      );
    }
    const isMalignant = label === "malignant" || earlier?.label === "malignant";
    subjects.set(subjectId, { subjectId, siteId, label: isMalignant ? "malignant" : "benign" });
  }
  return [...subjects.values()].sort((a, b) =>
    a.subjectId < b.subjectId ? -1 : a.subjectId > b.subjectId ? 1 : 0,
  );
}

/**
 * Splits a count in proportion to weights by largest remainder, every positive weight getting at least one.
 *
 * @param count - at least the number of positive weights
 * @returns whole numbers that add up to count; 0 for weight 0
 */
export function apportion(count: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const ideal = weights.map((weight) => (count * weight) / total);
  const parts = ideal.map(Math.floor);
  const byRemainder = ideal
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  let left = count - parts.reduce((sum, part) => sum + part, 0);
  for (const { index } of byRemainder) {
    if (left === 0) break;
    parts[index]!++;
    left--;
  }
  for (const [index, weight] of weights.entries()) {
    if (weight === 0 || parts[index]! > 0) continue;
    parts[parts.indexOf(Math.max(...parts))]!--;
    parts[index] = 1;
  }
  return parts;
}
