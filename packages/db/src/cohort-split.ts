import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { createRandom } from "@crossread/metrics/random";

export interface SplittableSubject {
  readonly subjectId: string;
  /** Names the subject on every platform, unlike its id: the order of drawing. */
  readonly pseudonym: string;
  readonly siteId: string;
  readonly siteCode: string;
  /** A malignant breast at any time point makes the subject malignant. */
  readonly isMalignant: boolean;
  /** Subjects that are one woman under several pseudonyms share it. */
  readonly woman?: string | undefined;
}

/** Shares of the subjects of each stratum; they sum to 1. */
export interface SplitFractions {
  readonly train: number;
  readonly tuning: number;
  readonly "internal-test": number;
}

const splitOrder = ["train", "tuning", "internal-test"] as const;

/** Subjects, never images, are drawn, per site and class: no patient is in two splits, and each split keeps the balance. */
export function splitSubjects(
  subjects: readonly SplittableSubject[],
  fractions: SplitFractions,
  seed: number,
): Map<string, Split> {
  const total = splitOrder.reduce((sum, split) => sum + fractions[split], 0);
  if (Math.abs(total - 1) > 1e-9 || splitOrder.some((split) => fractions[split] < 0)) {
    throw new DomainError("cohort-invalid", `The shares of the splits must sum to 1, got ${total}.`);
  }
  const random = createRandom(seed);
  const strata = new Map<string, SplittableSubject[]>();
  for (const subject of subjects) {
    const key = `${subject.siteCode} ${subject.isMalignant ? "malignant" : "benign"}`;
    strata.set(key, [...(strata.get(key) ?? []), subject]);
  }
  const splits = new Map<string, Split>();
  for (const [key, members] of strata) {
    const ordered = members.toSorted((a, b) => (a.pseudonym < b.pseudonym ? -1 : 1));
    const drawn = random.fork(key).shuffle(ordered);
    let start = 0;
    for (const [split, size] of apportion(drawn.length, fractions)) {
      for (const subject of drawn.slice(start, start + size)) splits.set(subject.subjectId, split);
      start += size;
    }
  }
  keepTogether(subjects, splits);
  return splits;
}

/** A woman with several pseudonyms goes where the first of them, by site and pseudonym, was drawn. */
function keepTogether(subjects: readonly SplittableSubject[], splits: Map<string, Split>): void {
  const splitOfWoman = new Map<string, Split>();
  const ordered = subjects.toSorted((a, b) =>
    `${a.siteCode} ${a.pseudonym}` < `${b.siteCode} ${b.pseudonym}` ? -1 : 1,
  );
  for (const { subjectId, woman } of ordered) {
    const drawn = splits.get(subjectId);
    if (woman === undefined || drawn === undefined) continue;
    const split = splitOfWoman.get(woman) ?? drawn;
    splitOfWoman.set(woman, split);
    splits.set(subjectId, split);
  }
}

/** Largest remainder: the sizes sum to the count, each within one of its share; ties go to the earlier split. */
export function apportion(count: number, fractions: SplitFractions): (readonly [Split, number])[] {
  const quotas = splitOrder.map((split) => fractions[split] * count);
  // A share such as 0.6 of 5 may fall short of 3 by a rounding error.
  const sizes = quotas.map((quota) => Math.floor(quota + 1e-9));
  const remainders = quotas
    .map((quota, index) => ({ index, remainder: quota - (sizes[index] ?? 0) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  const missing = count - sizes.reduce((sum, size) => sum + size, 0);
  for (const { index } of remainders.slice(0, missing)) sizes[index] = (sizes[index] ?? 0) + 1;
  return splitOrder.map((split, index) => [split, sizes[index] ?? 0] as const);
}
