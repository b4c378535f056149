/** Regularised incomplete beta function and its inverse; the prefactor is Loader's saddle-point form, exact for large counts. */
import { assertUnitInterval } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

/** ln Γ(n+1) − (n+½) ln n + n − ½ ln 2π, by its series beyond 16 and the recurrence below. */
function stirlingError(n: number): number {
  let sum = 0;
  let x = n;
  while (x < 16) {
    sum += (x + 0.5) * Math.log1p(1 / x) - 1;
    x++;
  }
  const square = x * x;
  return (
    sum + (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / x
  );
}

/** x ln(x/m) + m − x without cancellation near x = m. */
function devianceTerm(x: number, mean: number): number {
  if (Math.abs(x - mean) < 0.1 * (x + mean)) {
    const v = (x - mean) / (x + mean);
    let sum = (x - mean) * v;
    let term = 2 * x * v;
    for (let index = 1; index < 1000; index++) {
      term *= v * v;
      const next = sum + term / (2 * index + 1);
      if (next === sum) break;
      sum = next;
    }
    return sum;
  }
  return x * Math.log(x / mean) + mean - x;
}

/** xᵃ(1−x)ᵇ / B(a, b). */
function betaKernel(x: number, a: number, b: number): number {
  const n = a + b;
  const correction = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const deviance = devianceTerm(a, n * x) + devianceTerm(b, n * (1 - x));
  const binomial = Math.exp(correction - deviance) * Math.sqrt(n / (2 * Math.PI * a * b));
  return (binomial * a * b) / n;
}

/** Lentz's evaluation of the continued fraction, for x below the mean. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const awayFromZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    product *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const factor = d * c;
    product *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return product;
}

function assertShape(a: number, b: number): void {
  if (!(a > 0 && b > 0 && Number.isFinite(a) && Number.isFinite(b))) {
    throw new MetricInputError("out-of-range", `Beta shapes must be positive and finite, got ${a} and ${b}.`);
  }
}

/**
 * Regularised incomplete beta function.
 *
 * Iₓ(a, b) = 1/B(a, b) · ∫₀ˣ tᵃ⁻¹(1−t)ᵇ⁻¹ dt
 *
 * @param x - in [0, 1]
 * @param a - shape > 0
 * @param b - shape > 0
 * @returns in [0, 1]
 * @throws {MetricInputError} "out-of-range"
 * @source DLMF 8.17.22; Loader, "Fast and accurate computation of binomial probabilities" (2000)
 * @golden golden/distributions/cases.json
 */
export function regularisedIncompleteBeta(x: number, a: number, b: number): number {
  assertUnitInterval("x", x);
  assertShape(a, b);
  if (x === 0 || x === 1) return x;
  return x < (a + 1) / (a + b + 2)
    ? (betaKernel(x, a, b) * continuedFraction(x, a, b)) / a
    : 1 - (betaKernel(1 - x, b, a) * continuedFraction(1 - x, b, a)) / b;
}

/**
 * Quantile of the beta distribution: the x with Iₓ(a, b) = p.
 *
 * @param p - in [0, 1]
 * @returns x in [0, 1]; Newton steps kept inside a shrinking bracket
 * @throws {MetricInputError} "out-of-range"
 * @golden golden/distributions/cases.json
 */
export function betaQuantile(p: number, a: number, b: number): number {
  assertUnitInterval("p", p);
  assertShape(a, b);
  if (p === 0 || p === 1) return p;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let iteration = 0; iteration < 400; iteration++) {
    const excess = regularisedIncompleteBeta(x, a, b) - p;
    if (excess === 0) return x;
    if (excess > 0) high = x;
    else low = x;
    const newton = x - (excess * x * (1 - x)) / betaKernel(x, a, b);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 2 ** -53 * next) return next;
    x = next;
  }
  return x;
}
