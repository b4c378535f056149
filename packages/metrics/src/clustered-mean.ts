import { clusterBootstrap, percentileInterval } from "./cluster-bootstrap.ts";
import type { Numbers } from "./input-assertions.ts";
import { assertFinite } from "./input-assertions.ts";
import { mean } from "./summary.ts";

export interface ClusteredMean {
  readonly mean: number;
  /** Null for fewer than two subjects. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly caseCount: number;
  readonly subjectCount: number;
}

/**
 * Mean over cases with a 95 % percentile interval over resampled subjects.
 *
 * @param values - shape [N ≥ 1], finite
 * @param options.clusterIds - shape [N], the subject of each case
 * @throws {MetricInputError} "empty", "not-finite", "length-mismatch", "out-of-range" for fewer than one replicate
 * @complexity O(replicates · N) time
 * @source Field & Welsh, JRSS B 69:369 (2007), cluster bootstrap
 */
export function clusteredMean(
  values: Numbers,
  options: { readonly clusterIds: readonly string[]; readonly replicates: number; readonly seed: number },
): ClusteredMean {
  assertFinite("values", values);
  const point = mean(values);
  const subjectCount = new Set(options.clusterIds).size;
  const { replicates } = clusterBootstrap({
    labels: new Uint8Array(values.length),
    ...options,
    statistics: (multiplicity) => {
      let sum = 0;
      let count = 0;
      for (let index = 0; index < multiplicity.length; index++) {
        sum += multiplicity[index]! * values[index]!;
        count += multiplicity[index]!;
      }
      return { mean: sum / count };
    },
  });
  const interval = subjectCount < 2 ? { lower: null, upper: null } : percentileInterval(replicates.mean);
  return {
    mean: point,
    lower: interval.lower,
    upper: interval.upper,
    caseCount: values.length,
    subjectCount,
  };
}
