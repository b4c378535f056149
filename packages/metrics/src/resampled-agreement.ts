/** Coefficients of agreement of a resample given by multiplicities: cases are tabulated once, each replicate costs O(N). */
import type { KappaWeights } from "./agreement.ts";
import type { Multiplicity } from "./cluster-bootstrap.ts";
import { assertSameLength } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

/** Undefined where the resample leaves the coefficient without a value. */
export type ResampledCoefficient = (multiplicity: Multiplicity) => number | undefined;

/** Category of each case, 0-based; null where the reader did not say. */
export type Categories = readonly (number | null)[];

/**
 * Cohen's κ of two readers over the cases that both rated, for every weighting from one table.
 *
 * @param first - shape [N], categories 0 … K−1
 * @param second - of the same cases
 * @throws {MetricInputError} "length-mismatch"
 */
export function resampledKappas(
  first: Categories,
  second: Categories,
  categoryCount: number,
): (multiplicity: Multiplicity) => Readonly<Record<KappaWeights, number | undefined>> {
  assertSameLength("ratings of the second reader", second, first.length);
  const cells = Int32Array.from(first, (rating, index) => {
    const other = second[index] ?? null;
    return rating === null || other === null ? -1 : rating * categoryCount + other;
  });
  const table = new Float64Array(categoryCount ** 2);
  return (multiplicity) => {
    table.fill(0);
    for (let index = 0; index < cells.length; index++) {
      if (cells[index] !== -1) table[cells[index]!]! += multiplicity[index]!;
    }
    return kappasOfTable(table, categoryCount);
  };
}

function kappasOfTable(table: Float64Array, size: number): Record<KappaWeights, number | undefined> {
  const rows = new Float64Array(size);
  const columns = new Float64Array(size);
  let total = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const count = table[row * size + column]!;
      rows[row]! += count;
      columns[column]! += count;
      total += count;
    }
  }
  const observed = { none: 0, linear: 0, quadratic: 0 };
  const expected = { none: 0, linear: 0, quadratic: 0 };
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (row === column) continue;
      const distance = Math.abs(row - column);
      const seen = table[row * size + column]!;
      const chance = (rows[row]! * columns[column]!) / total;
      observed.none += seen;
      expected.none += chance;
      observed.linear += distance * seen;
      expected.linear += distance * chance;
      observed.quadratic += distance ** 2 * seen;
      expected.quadratic += distance ** 2 * chance;
    }
  }
  const kappa = (weights: KappaWeights) =>
    expected[weights] > 0 ? 1 - observed[weights] / expected[weights] : undefined;
  return { none: kappa("none"), linear: kappa("linear"), quadratic: kappa("quadratic") };
}

/**
 * Fleiss' κ; the readers of a case may be others than those of the next, as in double reading.
 *
 * @param ratings - shape [R readers][N cases], categories 0 … K−1, null where a reader did not rate
 * @throws {MetricInputError} "length-mismatch" unless every case that was rated at all has the same number r of ratings;
 *   "too-few-readers" if r < 2; "empty" if no case was rated
 * @source Fleiss, Psychol Bull 76:378 (1971)
 */
export function resampledFleissKappa(
  ratings: readonly Categories[],
  categoryCount: number,
): ResampledCoefficient {
  const counts = countsByCase(ratings, categoryCount);
  const sizes = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const readers = sizes.find((size) => size > 0);
  if (readers === undefined) throw new MetricInputError("empty", "Agreement needs a rated case, got none.");
  if (readers < 2) {
    throw new MetricInputError("too-few-readers", `Fleiss' κ needs two readers a case, got ${readers}.`);
  }
  const odd = sizes.find((size) => size !== 0 && size !== readers);
  if (odd !== undefined) {
    throw new MetricInputError(
      "length-mismatch",
      `Fleiss' κ needs the same number of readers for each case, got ${readers} and ${odd}: see Krippendorff's α.`,
    );
  }
  const agreements = counts.map(
    (row) => (row.reduce((sum, count) => sum + count ** 2, 0) - readers) / (readers * (readers - 1)),
  );
  const totals = new Float64Array(categoryCount);
  return (multiplicity) => {
    totals.fill(0);
    let agreement = 0;
    let caseCount = 0;
    for (let index = 0; index < counts.length; index++) {
      const times = multiplicity[index]!;
      if (times === 0 || sizes[index] === 0) continue;
      caseCount += times;
      agreement += times * agreements[index]!;
      for (let category = 0; category < categoryCount; category++) {
        totals[category]! += times * counts[index]![category]!;
      }
    }
    const all = caseCount * readers;
    if (caseCount === 0 || totals.some((total) => total === all)) return undefined;
    const expected = totals.reduce((sum, total) => sum + (total / all) ** 2, 0);
    return (agreement / caseCount - expected) / (1 - expected);
  };
}

function countsByCase(ratings: readonly Categories[], categoryCount: number): Float64Array[] {
  const caseCount = ratings[0]?.length ?? 0;
  const counts = Array.from({ length: caseCount }, () => new Float64Array(categoryCount));
  for (const reader of ratings) {
    assertSameLength("ratings of a reader", reader, caseCount);
    reader.forEach((rating, index) => {
      if (rating !== null) counts[index]![rating]!++;
    });
  }
  return counts;
}

/**
 * Krippendorff's α of categories, with missing ratings: the observed and expected coincidences of each pair of categories,
 * weighted by its squared difference.
 *
 * @param ratings - shape [R readers][N cases], categories 0 … K−1 in their order, null where a reader did not rate
 * @param level - "interval" takes the categories' numbers as the values
 * @source Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011)
 */
export function resampledAlpha(
  ratings: readonly Categories[],
  categoryCount: number,
  level: "nominal" | "ordinal" | "interval",
): ResampledCoefficient {
  const units = countsByCase(ratings, categoryCount).map(coincidencesOf);
  const observed = new Float64Array(categoryCount ** 2);
  const totals = new Float64Array(categoryCount);
  return (multiplicity) => {
    observed.fill(0);
    totals.fill(0);
    for (let index = 0; index < units.length; index++) {
      const times = multiplicity[index]!;
      if (times === 0) continue;
      for (const { left, right, weight } of units[index]!) {
        observed[left * categoryCount + right]! += times * weight;
      }
    }
    for (let left = 0; left < categoryCount; left++) {
      for (let right = 0; right < categoryCount; right++) {
        totals[left]! += observed[left * categoryCount + right]!;
      }
    }
    return alphaOf(observed, totals, level);
  };
}

interface Coincidence {
  readonly left: number;
  readonly right: number;
  readonly weight: number;
}

/** o_ck of one case: n_c·n_k/(m−1), n_c(n_c−1)/(m−1) on the diagonal; none where fewer than two rated. */
function coincidencesOf(counts: Float64Array): Coincidence[] {
  const rated = counts.reduce((sum, count) => sum + count, 0);
  if (rated < 2) return [];
  const present = [...counts.keys()].filter((category) => counts[category]! > 0);
  return present.flatMap((left) =>
    present.map((right) => ({
      left,
      right,
      weight: (counts[left]! * (counts[right]! - (left === right ? 1 : 0))) / (rated - 1),
    })),
  );
}

function alphaOf(observed: Float64Array, totals: Float64Array, level: "nominal" | "ordinal" | "interval") {
  const size = totals.length;
  const upTo = [0];
  for (const total of totals) upTo.push(upTo.at(-1)! + total);
  const all = upTo[size]!;
  let seen = 0;
  let chance = 0;
  for (let left = 0; left < size; left++) {
    if (totals[left] === 0) continue;
    for (let right = left + 1; right < size; right++) {
      if (totals[right] === 0) continue;
      const between = upTo[right + 1]! - upTo[left]! - (totals[left]! + totals[right]!) / 2;
      const difference = level === "nominal" ? 1 : level === "ordinal" ? between : right - left;
      seen += 2 * observed[left * size + right]! * difference ** 2;
      chance += 2 * totals[left]! * totals[right]! * difference ** 2;
    }
  }
  return chance > 0 ? 1 - ((all - 1) * seen) / chance : undefined;
}

/**
 * ICC(2,1), or ICC(A,1), over the cases that every reader rated; sums instead of means, so that cases can be weighed.
 *
 * @param ratings - shape [k ≥ 2 readers][N cases], finite or null
 * @throws {MetricInputError} "too-few-readers", "length-mismatch"
 * @source Shrout & Fleiss, Psychol Bull 86:420 (1979)
 */
export function resampledAgreementCorrelation(
  ratings: readonly (readonly (number | null)[])[],
): ResampledCoefficient {
  const k = ratings.length;
  if (k < 2)
    throw new MetricInputError("too-few-readers", `An intraclass correlation needs two readers, got ${k}.`);
  const caseCount = ratings[0]!.length;
  for (const reader of ratings) assertSameLength("ratings of a reader", reader, caseCount);
  const complete = Array.from({ length: caseCount }, (_, index) => index).filter((index) =>
    ratings.every((reader) => reader[index] !== null),
  );
  // Centred, so that sums of squares keep their digits.
  const values = complete.map((index) => ratings.map((reader) => reader[index]! - 50));
  const sums = values.map((row) => row.reduce((sum, value) => sum + value, 0));
  const squares = values.map((row) => row.reduce((sum, value) => sum + value ** 2, 0));
  const readerSums = new Float64Array(k);
  return (multiplicity) => {
    readerSums.fill(0);
    let n = 0;
    let square = 0;
    let caseSquare = 0;
    for (let position = 0; position < complete.length; position++) {
      const times = multiplicity[complete[position]!]!;
      if (times === 0) continue;
      n += times;
      square += times * squares[position]!;
      caseSquare += (times * sums[position]! ** 2) / k;
      for (let reader = 0; reader < k; reader++) readerSums[reader]! += times * values[position]![reader]!;
    }
    if (n < 2) return undefined;
    const total = readerSums.reduce((sum, value) => sum + value, 0);
    const centre = total ** 2 / (n * k);
    const ofCases = caseSquare - centre;
    const ofReaders = readerSums.reduce((sum, value) => sum + value ** 2, 0) / n - centre;
    const rest = Math.max(0, square - centre - ofCases - ofReaders);
    const between = ofCases / (n - 1);
    const readers = ofReaders / (k - 1);
    const residual = rest / ((n - 1) * (k - 1));
    const whole = between + (k - 1) * residual + (k * (readers - residual)) / n;
    return whole > 1e-12 * (1 + square / n) ? (between - residual) / whole : undefined;
  };
}
