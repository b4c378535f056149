import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { createRandom } from "@crossread/metrics/random";
import { apportion, listSubjects } from "./subject-stratum.ts";

const splitNames = ["train", "tuning", "internal-test"] as const satisfies readonly Split[];

export type SplitFractions = Readonly<Record<(typeof splitNames)[number], number>>;

export interface SubjectSplitOptions {
  readonly images: readonly DatasetImage[];
  readonly seed: number;
  /** Shares of subjects, summing to 1; 0 leaves a split out. */
  readonly fractions: SplitFractions;
}

/**
 * Gives every subject one split, stratified by site (where images name one) and by the subject's label.
 *
 * @returns subject id to split; every split with a positive fraction has both classes at every site
 * @throws {DomainError} "cohort-invalid" for fractions outside [0, 1] or not summing to 1, for no images and for a subject of two sites; "one-class-cohort" where a class has fewer subjects than splits to fill
 */
export function splitBySubject(options: SubjectSplitOptions): Map<string, Split> {
  const weights = splitNames.map((name) => options.fractions[name]);
  assertFractions(options.fractions, weights);
  const subjects = listSubjects(options.images);
  if (subjects.length === 0)
    throw new DomainError("cohort-invalid", "A cohort needs at least one image, got none.");
  const neededCount = weights.filter((weight) => weight > 0).length;
  const random = createRandom(options.seed).fork("subject split");
  const splits = new Map<string, Split>();
  const siteIds = new Set(subjects.map(({ siteId }) => siteId));
  for (const siteId of siteIds) {
    for (const label of ["benign", "malignant"] as const) {
      const stratum = subjects.filter((subject) => subject.siteId === siteId && subject.label === label);
      if (stratum.length < neededCount) {
        throw new DomainError(
          "one-class-cohort",
          `Each of ${neededCount} splits needs a ${label} subject, but ${siteId ?? "the dataset"} has ${stratum.length}.`,
          { details: { label, subjectCount: stratum.length } },
        );
      }
      const shuffled = random.fork(`${siteId ?? ""}/${label}`).shuffle(stratum);
      let next = 0;
      for (const [index, size] of apportion(shuffled.length, weights).entries()) {
        for (const { subjectId } of shuffled.slice(next, next + size))
          splits.set(subjectId, splitNames[index]!);
        next += size;
      }
    }
  }
  return splits;
}

function assertFractions(fractions: SplitFractions, weights: readonly number[]): void {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.every((weight) => weight >= 0 && weight <= 1) && Math.abs(sum - 1) < 1e-9) return;
  throw new DomainError(
    "cohort-invalid",
    `Split fractions lie in [0, 1] and sum to 1, got ${JSON.stringify(fractions)}.`,
  );
}
