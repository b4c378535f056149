/** Standard normal distribution: W. J. Cody (1969) for the distribution function, AS 241 for its inverse. */
import { assertOpenUnitInterval } from "./input-assertions.ts";

const centralNumerator = [
  0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356,
];
const centralDenominator = [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673];
const middleNumerator = [
  1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
  2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
];
const middleDenominator = [
  1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097,
  34900.95272114598, 38912.00328609327, 19685.429676859992,
];
const tailNumerator = [
  0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
  0.000029112874951168793,
];
const tailDenominator = [
  1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824,
  0.00007297515550839662,
];
const inverseSqrtTwoPi = 0.3989422804014327;

/** Horner's scheme, highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

/** P(Z > z) for z ≥ 0, with full relative accuracy in the tail. */
function upperTail(z: number): number {
  if (z <= 0.67448975) {
    const square = z * z;
    return 0.5 - (z * polynomial(centralNumerator, square)) / polynomial(centralDenominator, square);
  }
  // Splitting z² at 1/16 keeps exp(−z²/2) exact to the last digits.
  const coarse = Math.trunc(z * 16) / 16;
  const density = Math.exp(-coarse * coarse * 0.5) * Math.exp(-(z - coarse) * (z + coarse) * 0.5);
  if (z <= Math.sqrt(32)) {
    return (density * polynomial(middleNumerator, z)) / polynomial(middleDenominator, z);
  }
  const square = 1 / (z * z);
  const correction = (square * polynomial(tailNumerator, square)) / polynomial(tailDenominator, square);
  return (density * (inverseSqrtTwoPi - correction)) / z;
}

/**
 * Standard normal distribution function Φ(z).
 *
 * @returns in [0, 1]; relative error about 1e-15, also in the lower tail
 * @source Cody, Math Comp 23:631 (1969)
 * @golden golden/distributions/cases.json
 */
export function normalCdf(z: number): number {
  return z < 0 ? upperTail(-z) : 1 - upperTail(z);
}

/** P(|Z| ≥ |z|). */
export function twoSidedPValue(z: number): number {
  return 2 * upperTail(Math.abs(z));
}

// AS 241's tables, highest power first.
const quantileA = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
];
const quantileB = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
];
const quantileC = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const quantileD = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const quantileE = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124,
  0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const quantileF = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133,
  0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
];

/**
 * Standard normal quantile Φ⁻¹(p).
 *
 * @param p - in (0, 1)
 * @returns relative error about 1e-16
 * @throws {MetricInputError} "out-of-range"
 * @source Wichura, AS 241, Appl Stat 37:477 (1988)
 * @golden golden/distributions/cases.json
 */
export function normalQuantile(p: number): number {
  assertOpenUnitInterval("p", p);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(quantileA, r)) / polynomial(quantileB, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const magnitude =
    r <= 5
      ? polynomial(quantileC, r - 1.6) / polynomial(quantileD, r - 1.6)
      : polynomial(quantileE, r - 5) / polynomial(quantileF, r - 5);
  return q < 0 ? -magnitude : magnitude;
}
