import { clusterBootstrap, percentileInterval, type PercentileInterval } from "./cluster-bootstrap.ts";
import { assertSameLength } from "./input-assertions.ts";
import { isMetricInputError, MetricInputError } from "./metric-input-error.ts";

export interface ClusteredAgreement extends PercentileInterval {
  readonly value: number;
  readonly caseCount: number;
  readonly subjectCount: number;
}

/**
 * Any coefficient of agreement with a percentile interval over resampled subjects.
 *
 * @param ratings - shape [R readers][N cases]; null where a reader did not rate, if the coefficient allows it
 * @param coefficient - of a table of that shape, e.g. (table) => krippendorffAlpha(table, "ordinal"); a resample for which
 *   it throws a MetricInputError is counted as undefined
 * @param options.clusterIds - shape [N], the subject of each case
 * @throws {MetricInputError} what the coefficient throws for the whole table; "too-few-cases" for fewer than two subjects,
 *   or if more than a tenth of the resamples leave it undefined; "length-mismatch", "empty", "out-of-range"
 * @complexity O(replicates · cost of the coefficient)
 * @source Field & Welsh, JRSS B 69:369 (2007), cluster bootstrap; Zapf et al., BMC Med Res Methodol 16:93 (2016), for α
 */
export function clusteredAgreement<TRating>(
  ratings: readonly (readonly TRating[])[],
  coefficient: (ratings: readonly (readonly TRating[])[]) => number,
  options: {
    readonly clusterIds: readonly string[];
    readonly replicates: number;
    readonly seed: number;
    readonly confidence?: number;
  },
): ClusteredAgreement {
  const caseCount = options.clusterIds.length;
  for (const reader of ratings) assertSameLength("ratings of a reader", reader, caseCount);
  const value = coefficient(ratings);
  const subjectCount = new Set(options.clusterIds).size;
  if (subjectCount < 2) {
    throw new MetricInputError("too-few-cases", `An interval needs two subjects, got ${subjectCount}.`);
  }
  const { replicates } = clusterBootstrap({
    // No strata: agreement has no classes.
    labels: new Uint8Array(caseCount),
    ...options,
    statistics: (multiplicity) => {
      const drawn: number[] = [];
      for (let index = 0; index < caseCount; index++) {
        for (let copy = 0; copy < multiplicity[index]!; copy++) drawn.push(index);
      }
      const resample = ratings.map((reader) => drawn.map((index) => reader[index]!));
      return { coefficient: definedOrNot(() => coefficient(resample)) };
    },
  });
  return {
    value,
    ...percentileInterval(replicates.coefficient, options.confidence),
    caseCount,
    subjectCount,
  };
}

function definedOrNot(quantity: () => number): number | undefined {
  try {
    return quantity();
  } catch (error) {
    if (isMetricInputError(error)) return undefined;
    throw error;
  }
}
