import { assertFinite, assertUnitInterval, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

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
