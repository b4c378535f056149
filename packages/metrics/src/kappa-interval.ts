import { cohenKappa, fleissKappa, type KappaWeights } from "./agreement.ts";
import { defaultConfidence } from "./estimate.ts";
import { assertOpenUnitInterval, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { normalQuantile } from "./normal-distribution.ts";

export interface KappaInterval {
  readonly value: number;
  readonly standardError: number;
  /** Not below −1. */
  readonly lower: number;
  /** Not above 1. */
  readonly upper: number;
}

function normalInterval(value: number, variance: number, confidence: number): KappaInterval {
  assertOpenUnitInterval("confidence", confidence);
  const standardError = Math.sqrt(Math.max(0, variance));
  const reach = normalQuantile((1 + confidence) / 2) * standardError;
  return { value, standardError, lower: Math.max(-1, value - reach), upper: Math.min(1, value + reach) };
}

/**
 * Cohen's κ, unweighted or weighted, with its large-sample interval.
 *
 * With agreement weights v = 1 − w/max w:
 * var κ = [ Σ pᵢⱼ(vᵢⱼ(1−Pₑ) − (v̄ᵢ. + v̄.ⱼ)(1−Pₒ))² − (PₒPₑ − 2Pₑ + Pₒ)² ] / (N(1−Pₑ)⁴)
 *
 * @param first - ratings, shape [N], each one of categories; independent cases
 * @param second - ratings of the same cases in the same order
 * @param options.categories - all categories of the scale in their order
 * @throws {MetricInputError} all of `cohenKappa`; "out-of-range"
 * @remarks The interval is a point where every case agrees. Several cases of one subject: use `clusteredAgreement`.
 * @source Fleiss, Cohen & Everitt, Psychol Bull 72:323 (1969), eq. 8
 * @golden golden/kappa-interval/cases.json (statsmodels)
 */
export function cohenKappaInterval<TCategory extends string | number>(
  first: readonly TCategory[],
  second: readonly TCategory[],
  options: {
    readonly categories: readonly TCategory[];
    readonly weights: KappaWeights;
    readonly confidence?: number;
  },
): KappaInterval {
  const value = cohenKappa(first, second, options);
  const size = options.categories.length;
  const indexOf = new Map(options.categories.map((category, index) => [category, index]));
  const table = Array.from({ length: size }, () => new Float64Array(size));
  const rows = new Float64Array(size);
  const columns = new Float64Array(size);
  const share = 1 / first.length;
  first.forEach((rating, index) => {
    const row = indexOf.get(rating)!;
    const column = indexOf.get(second[index]!)!;
    table[row]![column]! += share;
    rows[row]! += share;
    columns[column]! += share;
  });
  const agreement = agreementWeights(size, options.weights);
  const rowMeans = agreement.map((weights) =>
    weights.reduce((sum, weight, index) => sum + weight * columns[index]!, 0),
  );
  const columnMeans = agreement.map((weights) =>
    weights.reduce((sum, weight, index) => sum + weight * rows[index]!, 0),
  );
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      observed += agreement[row]![column]! * table[row]![column]!;
      expected += agreement[row]![column]! * rows[row]! * columns[column]!;
    }
  }
  let spread = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const term =
        agreement[row]![column]! * (1 - expected) - (rowMeans[row]! + columnMeans[column]!) * (1 - observed);
      spread += table[row]![column]! * term ** 2;
    }
  }
  const centre = observed * expected - 2 * expected + observed;
  const variance = ((spread - centre ** 2) * share) / (1 - expected) ** 4;
  return normalInterval(value, variance, options.confidence ?? defaultConfidence);
}

/** v of two categories: 1 on the diagonal, 0 for the farthest pair. */
function agreementWeights(size: number, weights: KappaWeights): number[][] {
  const last = Math.max(1, size - 1);
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (__, column) => {
      const distance = Math.abs(row - column);
      if (weights === "none") return distance === 0 ? 1 : 0;
      return 1 - (weights === "linear" ? distance / last : (distance / last) ** 2);
    }),
  );
}

/**
 * Fleiss' κ with the interval of its linearised case contributions.
 *
 * κᵢ* = κᵢ − 2(1−κ)(Pₑᵢ − Pₑ)/(1−Pₑ),  κᵢ = (Pᵢ − Pₑ)/(1−Pₑ),  Pₑᵢ = Σⱼ pⱼ nᵢⱼ/r;  var κ = Σ(κᵢ* − κ)²/(N(N−1))
 *
 * @param counts - shape [N cases][K categories]: how many readers chose the category; each row sums to r ≥ 2
 * @throws {MetricInputError} all of `fleissKappa`; "too-few-cases" for fewer than two cases; "out-of-range"
 * @remarks Unlike Fleiss' own standard error, it does not assume κ = 0. Several cases of one subject: use
 *   `clusteredAgreement`.
 * @source Gwet, Psychometrika 86:113 (2021), eq. 12, for cases drawn from a large population
 * @golden golden/kappa-interval/cases.json (delta method by numerical differentiation)
 */
export function fleissKappaInterval(
  counts: readonly Numbers[],
  confidence = defaultConfidence,
): KappaInterval {
  const value = fleissKappa(counts);
  const N = counts.length;
  if (N < 2) throw new MetricInputError("too-few-cases", `An interval of κ needs two cases, got ${N}.`);
  const categoryCount = counts[0]!.length;
  const shares = new Float64Array(categoryCount);
  let readers = 0;
  for (let category = 0; category < categoryCount; category++) readers += counts[0]![category]!;
  for (const row of counts) {
    for (let category = 0; category < categoryCount; category++) {
      shares[category]! += row[category]! / (N * readers);
    }
  }
  const expected = shares.reduce((sum, share) => sum + share ** 2, 0);
  let spread = 0;
  for (const row of counts) {
    let squares = 0;
    let expectedHere = 0;
    for (let category = 0; category < categoryCount; category++) {
      squares += row[category]! ** 2;
      expectedHere += (shares[category]! * row[category]!) / readers;
    }
    const here = ((squares - readers) / (readers * (readers - 1)) - expected) / (1 - expected);
    const contribution = here - (2 * (1 - value) * (expectedHere - expected)) / (1 - expected);
    spread += (contribution - value) ** 2;
  }
  return normalInterval(value, spread / (N * (N - 1)), confidence);
}
