import type { Multiplicity } from "./cluster-bootstrap.ts";
import { assertFinite, assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { ascendingOrder } from "./midranks.ts";

/**
 * Spearman's rank correlation: Pearson's of the midranks.
 *
 * @param first - shape [N ≥ 3], finite
 * @param second - of the same cases
 * @returns in [−1, 1]
 * @throws {MetricInputError} "too-few-cases" for fewer than three; "constant-ratings" if one of them does not vary;
 *   "length-mismatch", "not-finite"
 * @complexity O(N log N) time
 * @source Spearman, Am J Psychol 15:72 (1904); ties as in scipy.stats.spearmanr
 * @golden golden/rank-correlation/cases.json (scipy)
 */
export function spearmanCorrelation(first: Numbers, second: Numbers): number {
  if (first.length < 3) {
    throw new MetricInputError("too-few-cases", `A rank correlation needs three cases, got ${first.length}.`);
  }
  const value = resampledSpearman(first, second)(new Uint32Array(first.length).fill(1));
  if (value === undefined) {
    throw new MetricInputError(
      "constant-ratings",
      "A rank correlation has no value: one of the two does not vary.",
    );
  }
  return value;
}

/**
 * Spearman's correlation of a resample given by multiplicities; sorted once, each replicate costs O(N).
 *
 * @throws {MetricInputError} "length-mismatch", "not-finite"
 */
export function resampledSpearman(
  first: Numbers,
  second: Numbers,
): (multiplicity: Multiplicity) => number | undefined {
  assertSameLength("values of the second quantity", second, first.length);
  assertFinite("values of the first quantity", first);
  assertFinite("values of the second quantity", second);
  const x = resampledRanks(first);
  const y = resampledRanks(second);
  return (multiplicity) => {
    const left = x(multiplicity);
    const right = y(multiplicity);
    let count = 0;
    for (const times of multiplicity) count += times;
    const centre = (count + 1) / 2;
    let product = 0;
    let leftSquare = 0;
    let rightSquare = 0;
    for (let index = 0; index < multiplicity.length; index++) {
      const times = multiplicity[index]!;
      const a = left[index]! - centre;
      const b = right[index]! - centre;
      product += times * a * b;
      leftSquare += times * a * a;
      rightSquare += times * b * b;
    }
    return leftSquare > 0 && rightSquare > 0 ? product / Math.sqrt(leftSquare * rightSquare) : undefined;
  };
}

/** Midranks of the cases of a resample; those that it leaves out have no meaning. */
function resampledRanks(values: Numbers): (multiplicity: Multiplicity) => Float64Array {
  const order = ascendingOrder(values);
  const ranks = new Float64Array(values.length);
  return (multiplicity) => {
    let before = 0;
    let start = 0;
    while (start < order.length) {
      let end = start;
      let tied = 0;
      for (; end < order.length && values[order[end]!] === values[order[start]!]; end++) {
        tied += multiplicity[order[end]!]!;
      }
      for (let position = start; position < end; position++)
        ranks[order[position]!] = before + (tied + 1) / 2;
      before += tied;
      start = end;
    }
    return ranks;
  };
}
