import type { Multiplicity } from "./cluster-bootstrap.ts";
import { assertFinite, assertUnitInterval, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { ascendingOrder } from "./midranks.ts";

/**
 * Sample quantile by linear interpolation of the order statistics (type 7 of Hyndman & Fan, the default of R and NumPy).
 *
 * @param values - shape [n], finite, any order
 * @param p - in [0, 1]
 * @throws {MetricInputError} "empty", "not-finite", "out-of-range"
 * @complexity O(n log n) time
 * @golden golden/scikit-learn/cases.json (numpy.quantile)
 */
export function quantile(values: Numbers, p: number): number {
  assertFinite("values", values);
  return quantileOfSorted(Float64Array.from(values).sort(), p);
}

/** `quantile` of values that are already ascending. */
export function quantileOfSorted(sorted: Numbers, p: number): number {
  if (sorted.length === 0)
    throw new MetricInputError("empty", "A quantile needs at least one value, got none.");
  assertUnitInterval("p", p);
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/**
 * Median of a resample given by multiplicities, `quantile` at ½ of the resample written out; sorted once, then O(N) each.
 *
 * @param values - shape [N], finite
 * @throws {MetricInputError} "not-finite"
 */
export function resampledMedian(values: Numbers): (multiplicity: Multiplicity) => number | undefined {
  assertFinite("values", values);
  const order = ascendingOrder(values);
  return (multiplicity) => {
    let count = 0;
    for (const times of multiplicity) count += times;
    if (count === 0) return undefined;
    const low = Math.floor((count - 1) / 2);
    let before = 0;
    for (let position = 0; position < order.length; position++) {
      before += multiplicity[order[position]!]!;
      if (before <= low) continue;
      const lower = values[order[position]!]!;
      if (count % 2 === 1 || before > low + 1) return lower;
      let next = position + 1;
      while (multiplicity[order[next]!] === 0) next++;
      return (lower + values[order[next]!]!) / 2;
    }
    return undefined;
  };
}
