import type { Estimate } from "@crossread/contracts/evaluation-report";
import type { ReadingStructure } from "@crossread/contracts/reader-study-analysis";
import { clopperPearsonInterval } from "@crossread/metrics/binomial-interval";
import {
  clusterBootstrap,
  percentileInterval,
  type Multiplicity,
} from "@crossread/metrics/cluster-bootstrap";
import { isMetricInputError } from "@crossread/metrics/metric-input-error";
import { readingGroups, type ReadingGroups } from "./reading-structure.ts";
import type { StudyTables } from "./study-tables.ts";

const seed = 1;
/** Groups of fewer patients are not shown: a figure of them would be about persons. */
export const minimumSubjects = 5;

/** Resamples of patients: fewer for a large study, which needs them less. */
const replicatesFor = (ratingCount: number): number =>
  Math.min(1_000, Math.max(300, Math.floor(2e7 / Math.max(1, ratingCount))));

/** A study with what every section of its analysis asks for. */
export interface StudyScope {
  readonly tables: StudyTables;
  /** Indices of the readers who read every case of theirs under both conditions. */
  readonly complete: readonly number[];
  /** Readers who count in the comparisons, in order: the complete ones and those who read enough of their cases. */
  readonly counted: readonly CountedReader[];
  readonly groups: ReadingGroups;
  readonly structure: ReadingStructure;
  /** Shape [N breasts]; 1 = malignant. */
  readonly labels: readonly number[];
  /** Shape [N breasts]: the patient. */
  readonly clusterIds: readonly string[];
  /** Breasts of the cases that a reader read under both conditions. */
  readonly breastsOf: (reader: number) => readonly number[];
  readonly resampling: { readonly replicates: number; readonly seed: number };
}

interface CountedReader {
  readonly reader: number;
  /** Share of the reader's cases that were read under both conditions. */
  readonly weight: number;
}

export function toStudyScope(tables: StudyTables): StudyScope {
  const complete = tables.readers.flatMap((reader, place) =>
    reader.caseIndices.length > 0 && reader.submittedCount === reader.caseIndices.length ? [place] : [],
  );
  const isComplete = new Set(complete);
  const readCases = casesRead(tables);
  const breasts = tables.readers.map(({ caseIndices }, reader) => {
    const own = isComplete.has(reader) ? new Set(caseIndices) : readCases[reader]!;
    return tables.breasts.flatMap(({ caseIndex }, place) => (own.has(caseIndex) ? [place] : []));
  });
  const counted = tables.readers.flatMap(({ caseIndices }, reader): CountedReader[] => {
    if (isComplete.has(reader)) return [{ reader, weight: 1 }];
    const own = breasts[reader]!.map((place) => tables.breasts[place]!);
    const subjects = new Set(own.map(({ caseIndex }) => tables.subjectIds[caseIndex]));
    const classes = new Set(own.map(({ isMalignant }) => isMalignant));
    return subjects.size < minimumSubjects || classes.size < 2
      ? []
      : [{ reader, weight: Math.min(1, readCases[reader]!.size / caseIndices.length) }];
  });
  const groups = readingGroups(
    counted.map(({ reader }) => ({ reader, caseIndices: tables.readers[reader]!.caseIndices })),
  );
  return {
    tables,
    complete,
    counted,
    groups,
    structure: groups.structure,
    labels: tables.breasts.map(({ isMalignant }) => (isMalignant ? 1 : 0)),
    clusterIds: tables.breasts.map(({ caseIndex }) => tables.subjectIds[caseIndex]!),
    breastsOf: (reader) => breasts[reader]!,
    resampling: { replicates: replicatesFor(complete.length * tables.breasts.length), seed },
  };
}

/** Cases that each reader read under both conditions. */
function casesRead({ readers, readings }: StudyTables): Set<number>[] {
  const once = readers.map(() => new Map<number, string>());
  const both = readers.map(() => new Set<number>());
  for (const { caseIndex, condition, readerIndex } of readings) {
    const earlier = once[readerIndex]?.get(caseIndex);
    if (earlier === undefined) once[readerIndex]?.set(caseIndex, condition);
    else if (earlier !== condition) both[readerIndex]!.add(caseIndex);
  }
  return both;
}

/** The quantity, or the sentence why these data have none. */
export function orReason<TValue>(quantity: () => TValue): TValue | { undefined: string } {
  try {
    return quantity();
  } catch (error) {
    if (isMetricInputError(error)) return { undefined: error.message };
    throw error;
  }
}

type Statistic = (multiplicity: Multiplicity) => number | undefined;

/** Each statistic with its interval over resampled patients, all from the same resamples. */
export function estimates(
  statistics: ReadonlyMap<string, Statistic>,
  units: { readonly clusterIds: readonly string[]; readonly reason: string },
  { replicates, seed: firstSeed }: StudyScope["resampling"],
): (name: string, minus?: string) => Estimate {
  const once = new Uint32Array(units.clusterIds.length).fill(1);
  const subjectCount = new Set(units.clusterIds).size;
  const drawn =
    subjectCount < 2 || statistics.size === 0
      ? undefined
      : clusterBootstrap<string>({
          // No strata: these statistics have no classes.
          labels: new Uint8Array(units.clusterIds.length),
          clusterIds: units.clusterIds,
          replicates,
          seed: firstSeed,
          statistics: (multiplicity) =>
            Object.fromEntries([...statistics].map(([name, statistic]) => [name, statistic(multiplicity)])),
        }).replicates;
  return (name, minus) => {
    const value = difference(statistics.get(name)?.(once), minus, () => statistics.get(minus!)?.(once));
    if (value === undefined) return { undefined: units.reason };
    if (drawn === undefined) {
      return { undefined: `An interval needs two patients, got ${subjectCount}.` };
    }
    return orReason(() => {
      const { lower, upper } = percentileInterval(
        drawn[name]!.map((one, place) => difference(one, minus, () => drawn[minus!]![place])),
      );
      return { value, lower, upper, method: `percentile interval of ${replicates} resamples of patients` };
    });
  };
}

const difference = (
  value: number | undefined,
  minus: string | undefined,
  other: () => number | undefined,
): number | undefined => {
  if (minus === undefined || value === undefined) return value;
  const subtracted = other();
  return subtracted === undefined ? undefined : value - subtracted;
};

export interface Share {
  share: Estimate;
  count: number;
  total: number;
}

interface ShareParts {
  readonly name: string;
  readonly isCounted: (unit: number) => boolean;
  /** Units that are in question; all where absent. */
  readonly isAsked?: (unit: number) => boolean;
}

/** Shares of units with intervals over resampled patients; of none and of all, exact over the patients. */
export function shares<TName extends string>(
  parts: readonly (ShareParts & { readonly name: TName })[],
  clusterIds: readonly string[],
  resampling: StudyScope["resampling"],
): Record<TName, Share> {
  const subjectIds = [...new Set(clusterIds)];
  const subjectOf = new Map(subjectIds.map((id, place) => [id, place]));
  const sums = parts.map(({ isAsked, isCounted }) => {
    const counted = new Float64Array(subjectIds.length);
    const asked = new Float64Array(subjectIds.length);
    clusterIds.forEach((id, unit) => {
      if (isAsked?.(unit) === false) return;
      const subject = subjectOf.get(id)!;
      asked[subject]!++;
      if (isCounted(unit)) counted[subject]!++;
    });
    return { counted, asked };
  });
  const estimate = estimates(
    new Map(parts.map(({ name }, place) => [name, ratio(sums[place]!.counted, sums[place]!.asked)])),
    { clusterIds: subjectIds, reason: "There is none to take a share of." },
    resampling,
  );
  return Object.fromEntries(
    parts.map(({ name }, place): [TName, Share] => {
      const { asked, counted } = sums[place]!;
      const count = sumOf(counted);
      const total = sumOf(asked);
      return [name, { share: withExactEnds(estimate(name), asked), count, total }];
    }),
  ) as Record<TName, Share>;
}

/** Resamples of 0 of n are all 0: as if n patients had been one case each. */
function withExactEnds(estimate: Estimate, asked: Float64Array): Estimate {
  if ("undefined" in estimate || (estimate.value > 0 && estimate.value < 1)) return estimate;
  const patients = asked.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const { lower, upper } = clopperPearsonInterval(estimate.value === 0 ? 0 : patients, patients);
  return { value: estimate.value, lower, upper, method: `exact binomial interval of ${patients} patients` };
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** Σ numerator / Σ denominator. */
export function ratio(numerators: ArrayLike<number>, denominators: ArrayLike<number>): Statistic {
  return (multiplicity) => {
    let numerator = 0;
    let denominator = 0;
    for (let unit = 0; unit < multiplicity.length; unit++) {
      numerator += multiplicity[unit]! * numerators[unit]!;
      denominator += multiplicity[unit]! * denominators[unit]!;
    }
    return denominator === 0 ? undefined : numerator / denominator;
  };
}

/** BI-RADS 0, 4 and 5 call a woman back; 6 is a cancer that is known already. Positions in the order of BI-RADS. */
export const isRecall = (birads: number | null): number | null =>
  birads === null ? null : birads === 0 || birads >= 4 ? 1 : 0;
