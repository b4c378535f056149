import { assertOpenUnitInterval } from "./input-assertions.ts";
import { betaQuantile } from "./incomplete-beta.ts";
import { defaultConfidence, type Interval } from "./estimate.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { normalQuantile } from "./normal-distribution.ts";

function assertCounts(successes: number, trials: number): void {
  if (!(trials > 0 && Number.isFinite(trials))) {
    throw new MetricInputError("empty", `A binomial interval needs at least one trial, got ${trials}.`);
  }
  if (!(successes >= 0 && successes <= trials)) {
    throw new MetricInputError("out-of-range", `Successes must lie in [0, ${trials}], got ${successes}.`);
  }
}

/**
 * Wilson score interval of a proportion.
 *
 * (p̂ + z²/2n ± z·√(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n)
 *
 * @param successes - in [0, trials]
 * @param trials - > 0, independent
 * @param confidence - two-sided, in (0, 1)
 * @returns inside [0, 1]
 * @throws {MetricInputError} "empty" if trials ≤ 0; "out-of-range"
 * @source Wilson, JASA 22:209 (1927)
 * @golden golden/binomial/cases.json (scipy, statsmodels)
 */
export function wilsonInterval(successes: number, trials: number, confidence = defaultConfidence): Interval {
  assertCounts(successes, trials);
  assertOpenUnitInterval("confidence", confidence);
  const z = normalQuantile((1 + confidence) / 2);
  const proportion = successes / trials;
  const shrink = 1 + (z * z) / trials;
  const centre = proportion + (z * z) / (2 * trials);
  const reach = z * Math.sqrt((proportion * (1 - proportion)) / trials + (z * z) / (4 * trials * trials));
  return {
    lower: successes === 0 ? 0 : Math.max(0, (centre - reach) / shrink),
    upper: successes === trials ? 1 : Math.min(1, (centre + reach) / shrink),
  };
}

/**
 * Exact (Clopper–Pearson) interval of a proportion.
 *
 * lower = B(α/2; k, n−k+1), upper = B(1−α/2; k+1, n−k), B the beta quantile
 *
 * @param successes - k in [0, n]; a non-integer effective count is allowed
 * @param trials - n > 0, independent
 * @param confidence - two-sided, in (0, 1); coverage is at least this
 * @returns inside [0, 1]; lower is 0 at k = 0, upper is 1 at k = n
 * @throws {MetricInputError} "empty" if trials ≤ 0; "out-of-range"
 * @source Clopper & Pearson, Biometrika 26:404 (1934)
 * @golden golden/binomial/cases.json (scipy, statsmodels)
 */
export function clopperPearsonInterval(
  successes: number,
  trials: number,
  confidence = defaultConfidence,
): Interval {
  assertCounts(successes, trials);
  assertOpenUnitInterval("confidence", confidence);
  const tail = (1 - confidence) / 2;
  return {
    lower: successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    upper: successes === trials ? 1 : 1 - betaQuantile(tail, trials - successes, successes + 1),
  };
}
