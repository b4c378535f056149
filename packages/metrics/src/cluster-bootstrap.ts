import {
  assertLabelledScores,
  assertOpenUnitInterval,
  assertSameLength,
  type Numbers,
} from "./input-assertions.ts";
import { defaultConfidence, type Interval } from "./estimate.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { createRandom } from "./random.ts";
import { quantileOfSorted } from "./quantile.ts";

/** How often each case occurs in a resample; shape [N]. */
export type Multiplicity = Uint32Array;

/** One value per resample, undefined where the resample leaves the statistic without a value. */
export type Replicates = readonly (number | undefined)[];

export interface ClusterBootstrap<TName extends string> {
  readonly replicates: Readonly<Record<TName, Replicates>>;
  /** Resamples in which one class does not occur. */
  readonly oneClassReplicates: number;
  readonly strata: readonly {
    readonly name: "with-malignant" | "benign-only";
    readonly subjectCount: number;
  }[];
}

export interface ClusterBootstrapOptions<TName extends string> {
  readonly labels: Numbers;
  readonly clusterIds: readonly string[];
  readonly replicates: number;
  readonly seed: number;
  /** All statistics of one resample at once; each must depend on the multiplicities only. */
  readonly statistics: (multiplicity: Multiplicity) => Readonly<Record<TName, number | undefined>>;
}

/**
 * Patient-clustered bootstrap: whole subjects are drawn with replacement, within the stratum of subjects that have a
 * malignant case and the stratum of those that have none, so that class counts vary only as subjects do.
 *
 * @param options.labels - shape [N], 1 = malignant
 * @param options.clusterIds - shape [N], the subject of each case
 * @param options.replicates - number of resamples ≥ 1
 * @param options.seed - same seed, same resamples
 * @returns every replicate of every statistic, in order of drawing; rows of a leaderboard that share cases and seed are paired by index
 * @throws {MetricInputError} "out-of-range" if replicates < 1; "empty", "length-mismatch", "label-invalid"
 * @remarks A resample can lack benign cases only where no subject is benign-only; those are counted and left to the statistic.
 * @complexity O(replicates · (N + cost of the statistics)) time
 * @source Field & Welsh, JRSS B 69:369 (2007), cluster bootstrap; Davison & Hinkley (1997), stratified resampling
 */
export function clusterBootstrap<TName extends string>(
  options: ClusterBootstrapOptions<TName>,
): ClusterBootstrap<TName> {
  const { labels, clusterIds, replicates, seed, statistics } = options;
  assertLabelledScores(labels, labels);
  assertSameLength("cluster ids", clusterIds, labels.length);
  if (!Number.isInteger(replicates) || replicates < 1) {
    throw new MetricInputError(
      "out-of-range",
      `A bootstrap needs at least one replicate, got ${replicates}.`,
    );
  }
  const strata = subjectsByStratum(labels, clusterIds);
  const random = createRandom(seed);
  const multiplicity = new Uint32Array(labels.length);
  const collected: Partial<Record<TName, (number | undefined)[]>> = {};
  let oneClassReplicates = 0;
  for (let replicate = 0; replicate < replicates; replicate++) {
    multiplicity.fill(0);
    for (const { subjects } of strata) {
      for (let draw = 0; draw < subjects.length; draw++) {
        for (const index of subjects[random.nextInt(subjects.length)]!) multiplicity[index]!++;
      }
    }
    if (isOneClass(labels, multiplicity)) oneClassReplicates++;
    const values = statistics(multiplicity);
    for (const name in values) (collected[name] ??= []).push(values[name]);
  }
  return {
    replicates: collected as Record<TName, Replicates>,
    oneClassReplicates,
    strata: strata.map(({ name, subjects }) => ({ name, subjectCount: subjects.length })),
  };
}

function subjectsByStratum(labels: Numbers, clusterIds: readonly string[]) {
  const bySubject = new Map<string, number[]>();
  clusterIds.forEach((id, index) => {
    const indices = bySubject.get(id);
    if (indices === undefined) bySubject.set(id, [index]);
    else indices.push(index);
  });
  // By id, so that the order of the rows does not change the resamples.
  const subjects = [...bySubject]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, indices]) => indices);
  const hasMalignant = (indices: readonly number[]) => indices.some((index) => labels[index] === 1);
  return [
    { name: "with-malignant" as const, subjects: subjects.filter(hasMalignant) },
    { name: "benign-only" as const, subjects: subjects.filter((indices) => !hasMalignant(indices)) },
  ].filter((stratum) => stratum.subjects.length > 0);
}

function isOneClass(labels: Numbers, multiplicity: Multiplicity): boolean {
  let hasMalignant = false;
  let hasBenign = false;
  for (let index = 0; index < labels.length; index++) {
    if (multiplicity[index] === 0) continue;
    if (labels[index] === 1) hasMalignant = true;
    else hasBenign = true;
  }
  return !(hasMalignant && hasBenign);
}

export interface PercentileInterval extends Interval {
  readonly definedReplicates: number;
  readonly undefinedReplicates: number;
}

/**
 * Percentile interval of bootstrap replicates; undefined ones are left out and counted.
 *
 * @throws {MetricInputError} "too-few-cases" if more than a tenth of the replicates are undefined; "empty"; "out-of-range"
 */
export function percentileInterval(
  replicates: Replicates,
  confidence = defaultConfidence,
): PercentileInterval {
  assertOpenUnitInterval("confidence", confidence);
  const defined = replicates.filter((value) => value !== undefined);
  const undefinedReplicates = replicates.length - defined.length;
  if (defined.length < 0.9 * replicates.length) {
    throw new MetricInputError(
      "too-few-cases",
      `The statistic has no value in ${undefinedReplicates} of ${replicates.length} resamples.`,
    );
  }
  const sorted = Float64Array.from(defined).sort();
  return {
    lower: quantileOfSorted(sorted, (1 - confidence) / 2),
    upper: quantileOfSorted(sorted, (1 + confidence) / 2),
    definedReplicates: defined.length,
    undefinedReplicates,
  };
}

export interface ResampledCases {
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  readonly clusterIds: readonly string[];
}

/** Turns any statistic of (label, score, cluster) rows into one of multiplicities, by writing the resample out. */
export function expandedStatistic(
  cases: { readonly labels: Numbers; readonly scores: Numbers; readonly clusterIds: readonly string[] },
  statistic: (resample: ResampledCases) => number | undefined,
): (multiplicity: Multiplicity) => number | undefined {
  return (multiplicity) => {
    const labels: number[] = [];
    const scores: number[] = [];
    const clusterIds: string[] = [];
    for (let index = 0; index < multiplicity.length; index++) {
      for (let copy = 0; copy < multiplicity[index]!; copy++) {
        labels.push(cases.labels[index]!);
        scores.push(cases.scores[index]!);
        clusterIds.push(cases.clusterIds[index]!);
      }
    }
    return statistic({ labels, scores, clusterIds });
  };
}
