/** Student's t, F and χ² distributions by the regularised incomplete beta function; upper tails keep their digits. */
import { betaQuantile, regularisedIncompleteBeta } from "./incomplete-beta.ts";
import { assertOpenUnitInterval } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { normalQuantile, twoSidedPValue } from "./normal-distribution.ts";

/** Beyond it the t and F distributions equal their limits to more digits than a double has. */
const asymptoticDf = 1e12;

function assertDf(name: string, df: number): void {
  if (!(df > 0)) throw new MetricInputError("out-of-range", `${name} must be above 0, got ${df}.`);
}

/**
 * P(F ≥ f) of the F distribution.
 *
 * P(F ≥ f) = I_{ν₂/(ν₂+ν₁f)}(ν₂/2, ν₁/2)
 *
 * @param f - ≥ 0
 * @param numeratorDf - ν₁ > 0; an integer where ν₂ is infinite
 * @param denominatorDf - ν₂ > 0; Infinity gives χ²(ν₁)/ν₁
 * @returns in [0, 1]
 * @throws {MetricInputError} "out-of-range"
 * @golden golden/f-distribution/cases.json (scipy)
 */
export function fUpperTail(f: number, numeratorDf: number, denominatorDf: number): number {
  assertDf("The numerator's degrees of freedom", numeratorDf);
  assertDf("The denominator's degrees of freedom", denominatorDf);
  if (!(f >= 0)) throw new MetricInputError("out-of-range", `An F value must be ≥ 0, got ${f}.`);
  if (f === Infinity) return 0;
  if (denominatorDf >= asymptoticDf) return chiSquareUpperTail(f * numeratorDf, numeratorDf);
  const scaled = numeratorDf * f;
  // A small tail is summed itself, a large one as the rest of what lies below.
  return f > 1
    ? regularisedIncompleteBeta(denominatorDf / (denominatorDf + scaled), denominatorDf / 2, numeratorDf / 2)
    : 1 - regularisedIncompleteBeta(scaled / (denominatorDf + scaled), numeratorDf / 2, denominatorDf / 2);
}

/**
 * The f with P(F ≥ f) = upperTail.
 *
 * @param upperTail - in (0, 1)
 * @param numeratorDf - ν₁ > 0
 * @param denominatorDf - ν₂ > 0, finite
 * @throws {MetricInputError} "out-of-range"
 * @golden golden/f-distribution/cases.json (scipy)
 */
export function fUpperQuantile(upperTail: number, numeratorDf: number, denominatorDf: number): number {
  assertOpenUnitInterval("The tail probability", upperTail);
  assertDf("The numerator's degrees of freedom", numeratorDf);
  assertDf("The denominator's degrees of freedom", denominatorDf);
  const complement = betaQuantile(upperTail, denominatorDf / 2, numeratorDf / 2);
  const share = betaQuantile(1 - upperTail, numeratorDf / 2, denominatorDf / 2);
  return complement < share
    ? (denominatorDf * (1 - complement)) / (numeratorDf * complement)
    : (denominatorDf * share) / (numeratorDf * (1 - share));
}

/** P(|T| ≥ |t|) with df > 0 degrees of freedom, Infinity = standard normal. */
export function studentTwoSidedPValue(t: number, df: number): number {
  assertDf("The degrees of freedom", df);
  return df >= asymptoticDf ? twoSidedPValue(t) : fUpperTail(t * t, 1, df);
}

/** The t > 0 with P(|T| ≤ t) = confidence; df may be Infinity. */
export function studentCriticalValue(confidence: number, df: number): number {
  assertOpenUnitInterval("confidence", confidence);
  assertDf("The degrees of freedom", df);
  return df >= asymptoticDf
    ? normalQuantile((1 + confidence) / 2)
    : Math.sqrt(fUpperQuantile(1 - confidence, 1, df));
}

/**
 * P(χ² ≥ x) for whole degrees of freedom.
 *
 * Q(½, y) = erfc √y,  Q(1, y) = e⁻ʸ,  Q(a+1, y) = Q(a, y) + yᵃe⁻ʸ/Γ(a+1),  y = x/2, a = ν/2
 *
 * @param x - ≥ 0
 * @param df - ν, an integer ≥ 1
 * @throws {MetricInputError} "out-of-range"
 * @source DLMF 8.8.2
 * @golden golden/f-distribution/cases.json (scipy)
 */
export function chiSquareUpperTail(x: number, df: number): number {
  if (!(x >= 0)) throw new MetricInputError("out-of-range", `A χ² value must be ≥ 0, got ${x}.`);
  if (!Number.isInteger(df) || df < 1) {
    throw new MetricInputError("out-of-range", `χ² needs whole degrees of freedom ≥ 1, got ${df}.`);
  }
  const half = x / 2;
  const isOdd = df % 2 === 1;
  let tail = isOdd ? twoSidedPValue(Math.sqrt(x)) : Math.exp(-half);
  // yᵃe⁻ʸ/Γ(a+1) for a = ½ or 1
  let term = isOdd ? (Math.sqrt(half) * Math.exp(-half)) / (Math.sqrt(Math.PI) / 2) : half * Math.exp(-half);
  for (let shape = isOdd ? 0.5 : 1; shape < df / 2; shape++) {
    tail += term;
    term *= half / (shape + 1);
  }
  return tail;
}

/**
 * P(F ≥ f) of the noncentral F distribution: a Poisson mixture of incomplete beta functions.
 *
 * P = 1 − Σₖ e^(−λ/2)(λ/2)ᵏ/k! · I_x(ν₁/2 + k, ν₂/2),  x = ν₁f/(ν₁f + ν₂)
 *
 * @param f - ≥ 0
 * @param df - numerator ν₁ > 0 and denominator ν₂ > 0, both finite
 * @param noncentrality - λ ≥ 0, below 2000
 * @returns in [0, 1]; absolute error below 1e-12
 * @throws {MetricInputError} "out-of-range"
 * @source Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, §30 (1995)
 * @golden golden/f-distribution/cases.json (scipy)
 */
export function noncentralFUpperTail(
  f: number,
  df: { readonly numerator: number; readonly denominator: number },
  noncentrality: number,
): number {
  assertDf("The numerator's degrees of freedom", df.numerator);
  assertDf("The denominator's degrees of freedom", df.denominator);
  if (!(f >= 0)) throw new MetricInputError("out-of-range", `An F value must be ≥ 0, got ${f}.`);
  if (!(noncentrality >= 0 && noncentrality < 2000)) {
    throw new MetricInputError(
      "out-of-range",
      `The noncentrality must lie in [0, 2000), got ${noncentrality}.`,
    );
  }
  const scaled = df.numerator * f;
  const x = scaled / (scaled + df.denominator);
  const rate = noncentrality / 2;
  let logWeight = -rate;
  let cumulated = 0;
  let below = 0;
  for (let k = 0; k < 10_000; k++) {
    const weight = Math.exp(logWeight);
    cumulated += weight;
    if (weight > 0) below += weight * regularisedIncompleteBeta(x, df.numerator / 2 + k, df.denominator / 2);
    if (k > rate && 1 - cumulated < 1e-14) break;
    logWeight += Math.log(rate) - Math.log(k + 1);
  }
  return Math.min(1, Math.max(0, 1 - below));
}
