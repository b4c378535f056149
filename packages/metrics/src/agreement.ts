import { assertFinite, assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export type KappaWeights = "none" | "linear" | "quadratic";

/**
 * Cohen's κ of two readers, unweighted or weighted by the distance of ordered categories.
 *
 * κ = 1 − Σ w·observed / Σ w·expected,  w = [i≠j], |i−j| or (i−j)²
 *
 * @param first - ratings, shape [N], each one of categories
 * @param second - ratings of the same cases in the same order
 * @param options.categories - all categories of the scale in their order, used by every cohort alike
 * @returns in [−1, 1]; 1 = full agreement
 * @throws {MetricInputError} "constant-ratings" if both readers give one and the same category throughout;
 *   "category-unknown", "length-mismatch", "empty"
 * @source Cohen, Psychol Bull 70:213 (1968)
 * @golden golden/agreement/cases.json (scikit-learn)
 */
export function cohenKappa<TCategory extends string | number>(
  first: readonly TCategory[],
  second: readonly TCategory[],
  options: { readonly categories: readonly TCategory[]; readonly weights: KappaWeights },
): number {
  if (first.length === 0)
    throw new MetricInputError("empty", "Agreement needs at least one rated case, got none.");
  assertSameLength("ratings of the second reader", second, first.length);
  const size = options.categories.length;
  const indexOf = new Map(options.categories.map((category, index) => [category, index]));
  const table = Array.from({ length: size }, () => new Float64Array(size));
  first.forEach((rating, index) => {
    table[categoryIndex(indexOf, rating)]![categoryIndex(indexOf, second[index]!)]!++;
  });
  const rows = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = options.categories.map((_, column) => table.reduce((sum, row) => sum + row[column]!, 0));
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const weight = disagreement(row, column, options.weights);
      observed += weight * table[row]![column]!;
      expected += (weight * rows[row]! * columns[column]!) / first.length;
    }
  }
  if (expected === 0) {
    throw new MetricInputError(
      "constant-ratings",
      `κ has no value: both readers say ${first[0]} in every case.`,
    );
  }
  return 1 - observed / expected;
}

function categoryIndex<TCategory>(indexOf: ReadonlyMap<TCategory, number>, rating: TCategory): number {
  const index = indexOf.get(rating);
  if (index === undefined) {
    throw new MetricInputError(
      "category-unknown",
      `Rating ${String(rating)} is not one of the scale's categories.`,
    );
  }
  return index;
}

function disagreement(row: number, column: number, weights: KappaWeights): number {
  switch (weights) {
    case "none":
      return row === column ? 0 : 1;
    case "linear":
      return Math.abs(row - column);
    case "quadratic":
      return (row - column) ** 2;
  }
}

/**
 * Fleiss' κ of a fixed number of readers per case.
 *
 * κ = (P̄ − P̄ₑ)/(1 − P̄ₑ),  Pᵢ = (Σⱼ nᵢⱼ² − r)/(r(r−1)),  P̄ₑ = Σⱼ pⱼ²
 *
 * @param counts - shape [N cases][K categories]: how many readers chose the category; each row sums to r ≥ 2
 * @returns at most 1
 * @throws {MetricInputError} "constant-ratings" if one category takes all; "length-mismatch" if rows differ in length
 *   or sum; "too-few-cases" if r < 2; "empty"
 * @source Fleiss, Psychol Bull 76:378 (1971)
 * @golden golden/agreement/cases.json (statsmodels)
 */
export function fleissKappa(counts: readonly Numbers[]): number {
  const first = counts[0];
  if (first === undefined)
    throw new MetricInputError("empty", "Agreement needs at least one rated case, got none.");
  const readers = sumOf(first);
  if (!(readers >= 2)) {
    throw new MetricInputError("too-few-cases", `Fleiss' κ needs two readers a case, got ${readers}.`);
  }
  const categoryTotals = new Float64Array(first.length);
  let agreementSum = 0;
  for (const row of counts) {
    assertSameLength("categories in a row", row, first.length);
    if (sumOf(row) !== readers) {
      throw new MetricInputError(
        "length-mismatch",
        `Fleiss' κ needs the same number of readers for each case, got ${readers} and ${sumOf(row)}.`,
      );
    }
    let squares = 0;
    for (let category = 0; category < row.length; category++) {
      squares += row[category]! ** 2;
      categoryTotals[category]! += row[category]!;
    }
    agreementSum += (squares - readers) / (readers * (readers - 1));
  }
  const observed = agreementSum / counts.length;
  const expected = categoryTotals.reduce((sum, total) => sum + (total / (counts.length * readers)) ** 2, 0);
  if (categoryTotals.some((total) => total === counts.length * readers)) {
    throw new MetricInputError(
      "constant-ratings",
      "κ has no value: every reader chose the same category throughout.",
    );
  }
  return (observed - expected) / (1 - expected);
}

function sumOf(values: Numbers): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum;
}

export type MeasurementLevel = "nominal" | "ordinal" | "interval" | "ratio";

/**
 * Krippendorff's α for any number of readers, with missing ratings.
 *
 * α = 1 − Dₒ/Dₑ = 1 − (n−1) · Σ o_ck δ²_ck / Σ n_c n_k δ²_ck, over the coincidence matrix o
 *
 * @param ratings - shape [R readers][N cases]; null where a reader did not rate
 * @param level - what the numbers mean; "ratio" needs ratings ≥ 0
 * @returns at most 1; 0 = chance
 * @throws {MetricInputError} "constant-ratings" if all pairable ratings are equal; "too-few-cases" if no case has two
 *   ratings; "length-mismatch", "not-finite", "empty"; "out-of-range" for a negative rating at ratio level
 * @source Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011)
 * @golden golden/agreement/cases.json (the paper's own example)
 */
export function krippendorffAlpha(
  ratings: readonly (readonly (number | null)[])[],
  level: MeasurementLevel,
): number {
  const caseCount = ratings[0]?.length ?? 0;
  if (caseCount === 0)
    throw new MetricInputError("empty", "Agreement needs at least one rated case, got none.");
  for (const reader of ratings) assertSameLength("ratings of a reader", reader, caseCount);
  const units = Array.from({ length: caseCount }, (_, index) =>
    ratings.map((reader) => reader[index] ?? null).filter((rating) => rating !== null),
  ).filter((unit) => unit.length >= 2);
  const all = units.flat();
  if (all.length === 0) throw new MetricInputError("too-few-cases", "No case was rated by two readers.");
  assertFinite("ratings", all);
  if (level === "ratio" && all.some((rating) => rating < 0)) {
    throw new MetricInputError("out-of-range", "Ratings at ratio level must not be negative.");
  }
  const counts = new Map<number, number>();
  for (const rating of all) counts.set(rating, (counts.get(rating) ?? 0) + 1);
  const values = [...counts.keys()].sort((left, right) => left - right);
  const totals = values.map((value) => counts.get(value)!);
  const distance = squaredDistance(values, totals, level);
  const indexOf = new Map(values.map((value, index) => [value, index]));

  let observed = 0;
  for (const unit of units) {
    let within = 0;
    for (const left of unit)
      for (const right of unit) within += distance(indexOf.get(left)!, indexOf.get(right)!);
    observed += within / (unit.length - 1);
  }
  let expected = 0;
  for (let left = 0; left < values.length; left++) {
    for (let right = 0; right < values.length; right++) {
      expected += totals[left]! * totals[right]! * distance(left, right);
    }
  }
  if (expected === 0) {
    throw new MetricInputError("constant-ratings", `α has no value: every rating is ${values[0]}.`);
  }
  return 1 - ((all.length - 1) * observed) / expected;
}

/** δ² between the values at two indices of the ascending list. */
function squaredDistance(values: readonly number[], totals: readonly number[], level: MeasurementLevel) {
  const upTo = [0];
  for (const total of totals) upTo.push(upTo.at(-1)! + total);
  return (left: number, right: number): number => {
    if (left === right) return 0;
    const a = values[left]!;
    const b = values[right]!;
    switch (level) {
      case "nominal":
        return 1;
      case "ordinal": {
        const low = Math.min(left, right);
        const high = Math.max(left, right);
        const between = upTo[high + 1]! - upTo[low]!;
        return (between - (totals[low]! + totals[high]!) / 2) ** 2;
      }
      case "interval":
        return (a - b) ** 2;
      case "ratio":
        return ((a - b) / (a + b)) ** 2;
    }
  };
}
