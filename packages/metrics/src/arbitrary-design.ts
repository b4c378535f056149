/** Comparison of conditions where not every reader read every case; differences are first − second. */
import { defaultConfidence } from "./estimate.ts";
import type { FigureOfMerit } from "./figure-of-merit.ts";
import { assertOpenUnitInterval } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { assertPartialRatings, caseCountsOf, readCases } from "./partial-ratings.ts";
import { readerBlocksOf, spreadForm } from "./reader-spread.ts";
import { clusterIdsOf, type ReaderStudyRatings } from "./reader-study-ratings.ts";
import { sharedCaseCovariance, type Contrast, type SharedCaseCovariance } from "./shared-case-covariance.ts";
import {
  conditionDifference,
  studentInterval,
  type ConditionDifference,
  type StudentInterval,
} from "./student-interval.ts";

export interface VarianceParts {
  /** x'Qx · Σw²: what the readers' spread gives. */
  readonly readers: number;
  /** max(K, 0): what the cases that readers share add. */
  readonly sharedCases: number;
}

export interface ArbitraryDesign {
  readonly conditions: readonly string[];
  readonly readers: readonly string[];
  /** Shape [R], sum 1. */
  readonly weights: readonly number[];
  /** Shape [R]: cases that the reader rated under every condition. */
  readonly caseCounts: readonly { readonly diseased: number; readonly nonDiseased: number }[];
  /** Shape [T][R]. */
  readonly values: readonly (readonly number[])[];
  /** "blocks": readers were compared with those of their own block only; "all": with all others. */
  readonly comparedWithin: "blocks" | "all";
  /** Speaks for other readers and other cases. */
  readonly randomReadersRandomCases: {
    readonly differences: readonly (ConditionDifference & { readonly parts: VarianceParts })[];
    readonly conditions: readonly StudentInterval[];
  };
  /** Speaks for other cases, but for these readers only; undefined where no figure varies over the cases. */
  readonly fixedReadersRandomCases: {
    readonly differences: readonly (ConditionDifference | undefined)[];
  };
}

/**
 * Multi-reader multi-case comparison of conditions for any pairing of readers with cases: groups of unequal size, unfinished
 * readers, double reading in changing pairs.
 *
 * With xᵣ the contrast of reader r on the cases that r read, weights w (Σw = 1) and C the covariance over shared patients:
 * estimate Σ wᵣxᵣ,  V = x'Qx·Σw² + max(K, 0),  K = w'Cw − Σw²·tr(QC);
 * x'Qx is the variance of the xᵣ between readers (weighted; within blocks of readers connected by cases where each block
 * has two readers or more), tr Q = 1. For equal weights V = s²/R + mean over r ≠ s of C_rs.
 * df = V² / ((x'Qx·Σw²)²/ν),  ν = tr(QΩ)²/tr(QΩQΩ),  Ω = max(x'Qx − tr(QC), 0)·I + κδ
 *
 * @param study - null where a reader did not read a case; a case counts for a reader who rated it under every condition
 * @param figure - AUC, or a figure that is a mean over the cases of one class
 * @param options.weights - shape [R], above 0, in any scale; default: all readers equal
 * @param options.confidence - of every interval, default 0.95
 * @throws {MetricInputError} all of `assertPartialRatings`; "too-few-readers" below two; "constant-ratings"; "too-few-cases"
 *   where two readers have no two independent observations, or no reader's own variance over cases can be told;
 *   "zero-variance" if neither readers nor cases vary; "out-of-range"
 * @remarks For one case a patient equal to Gallas' one-shot estimate in fully crossed studies and studies of equal groups, and to
 *   `obuchowskiRockette` there, exactly for figures of one class and for readers without common cases, else but for DeLong's
 *   covariance in the place of the U-statistic. Other designs: products are averaged pair of readers by pair of readers and
 *   taken about each reader's own figure, so that V does not depend on how large the figures are. A reader's own variance that
 *   one case of a class leaves untold is κδ, that of the other readers for as many cases.
 * @complexity O(T²·P²·R²) time for P patients
 * @source one-shot estimate: Gallas, Acad Radiol 13:353 (2006); Gallas, Bandos, Samuelson & Wagner, Commun Stat Theory
 *   Methods 38:2586 (2009); degrees of freedom: Satterthwaite, Biometrics Bull 2:110 (1946), as in Hillis, Stat Med 26:596
 *   (2007) and Obuchowski, Gallas & Hillis, Acad Radiol 19:1508 (2012), which it equals in their designs
 * @golden golden/arbitrary-design/cases.json (the sums over index tuples, written out)
 */
export function arbitraryDesign(
  study: ReaderStudyRatings,
  figure: FigureOfMerit,
  options: { readonly weights?: readonly number[]; readonly confidence?: number } = {},
): ArbitraryDesign {
  const confidence = options.confidence ?? defaultConfidence;
  assertOpenUnitInterval("confidence", confidence);
  assertPartialRatings(study, figure);
  const { conditions, readers } = study;
  if (readers.length < 2) {
    throw new MetricInputError(
      "too-few-readers",
      `An analysis of readers needs two of them, got ${readers.length}: compare one reader's AUCs by DeLong's test.`,
    );
  }
  const weights = normalised(options.weights ?? readers.map(() => 1), readers.length);
  const design = { ...study, clusterIds: clusterIdsOf(study), isRead: readCases(study) };
  const estimateOf = (contrast: Contrast) =>
    varianceOf(sharedCaseCovariance(design, figure, contrast), { readers, weights });
  const single = conditions.map((_, place) =>
    estimateOf(conditions.map((__, condition) => (condition === place ? 1 : 0))),
  );
  const differences = conditions.flatMap((_, first) =>
    conditions.slice(first + 1).map((__, offset) => {
      const second = first + 1 + offset;
      const contrast = conditions.map((___, place) => (place === first ? 1 : place === second ? -1 : 0));
      return { between: { first, second }, ...estimateOf(contrast) };
    }),
  );
  return {
    conditions,
    readers,
    weights,
    caseCounts: caseCountsOf(study),
    values: single.map(({ values }) => [...values]),
    comparedWithin: single[0]!.comparedWithin,
    randomReadersRandomCases: {
      differences: differences.map(({ between, df, parts, value, variance }) => ({
        ...conditionDifference(between, { value, standardError: rootOf(variance), df, confidence }),
        parts,
      })),
      conditions: single.map(({ df, value, variance }) =>
        studentInterval({ value, standardError: Math.sqrt(Math.max(0, variance)), df, confidence }),
      ),
    },
    fixedReadersRandomCases: {
      differences: differences.map(({ between, fixedVariance, value }) =>
        fixedVariance > 0
          ? conditionDifference(between, {
              value,
              standardError: Math.sqrt(fixedVariance),
              df: Infinity,
              confidence,
            })
          : undefined,
      ),
    },
  };
}

function normalised(weights: readonly number[], readerCount: number): number[] {
  if (weights.length !== readerCount || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new MetricInputError(
      "out-of-range",
      `Every one of ${readerCount} readers needs a weight above 0, got ${weights.join(", ")}.`,
    );
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function rootOf(variance: number): number {
  if (!(variance > 0)) {
    throw new MetricInputError(
      "zero-variance",
      `The variance of the difference is ${variance}: neither readers nor cases vary, so no test exists.`,
    );
  }
  return Math.sqrt(variance);
}

interface WeightedReaders {
  readonly readers: readonly string[];
  readonly weights: readonly number[];
}

function varianceOf(found: SharedCaseCovariance, { readers, weights }: WeightedReaders) {
  const { values } = found;
  const R = readers.length;
  const { covariance, error } = completed(found, readers);
  const blocks = readerBlocksOf(found.dependence, R);
  const isWithin = blocks.length > 1 && blocks.every((block) => block.length > 1);
  const { form, spread } = spreadForm(
    values,
    weights,
    isWithin ? blocks : [readers.map((_, place) => place)],
  );
  const squares = weights.reduce((sum, weight) => sum + weight ** 2, 0);

  const own = sumOf(R, (row, column) => (row === column ? weights[row]! ** 2 * covariance(row, column) : 0));
  const shared = sumOf(R, (row, column) =>
    row === column ? 0 : weights[row]! * weights[column]! * covariance(row, column),
  );
  const inSpread = sumOf(R, (row, column) => form(row, column) * covariance(row, column));
  const parts = {
    readers: spread * squares,
    sharedCases: Math.max(0, own + shared - squares * inSpread),
  };
  const variance = parts.readers + parts.sharedCases;
  const reader = Math.max(0, spread - inSpread);
  const spreadDf = satterthwaite(
    R,
    form,
    (row, column) => error(row, column) + (row === column ? reader : 0),
  );
  return {
    values,
    comparedWithin: isWithin ? ("blocks" as const) : ("all" as const),
    value: weights.reduce((sum, weight, place) => sum + weight * values[place]!, 0),
    variance,
    parts,
    df: parts.readers === 0 ? Infinity : (variance / parts.readers) ** 2 * spreadDf,
    fixedVariance: own + Math.max(0, shared),
  };
}

type Entry = (row: number, column: number) => number;

function sumOf(size: number, entry: Entry): number {
  let sum = 0;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) sum += entry(row, column);
  return sum;
}

/**
 * C with a reader's own untold variance filled in, and the error covariance κδ that the numbers of cases alone make one expect:
 * its own noise would cost degrees of freedom.
 */
function completed(
  { covariance, dependence }: SharedCaseCovariance,
  readers: readonly string[],
): { covariance: Entry; error: Entry } {
  const R = readers.length;
  const sums = { own: 0, ownShare: 0, shared: 0, sharedShare: 0 };
  for (let row = 0; row < R; row++) {
    for (let column = 0; column < R; column++) {
      const value = covariance[row * R + column]!;
      const share = dependence[row * R + column]!;
      if (row === column) {
        if (Number.isNaN(value)) continue;
        sums.own += value;
        sums.ownShare += share;
      } else {
        if (Number.isNaN(value)) {
          throw new MetricInputError(
            "too-few-cases",
            `Readers ${readers[row]} and ${readers[column]} share so few cases that no two of their observations are independent.`,
          );
        }
        sums.shared += value;
        sums.sharedShare += share;
      }
    }
  }
  if (sums.ownShare === 0) {
    throw new MetricInputError(
      "too-few-cases",
      "No reader has two patients of each class, so that nobody's variance over cases can be told.",
    );
  }
  const own = Math.max(0, sums.own / sums.ownShare);
  const shared = sums.sharedShare === 0 ? 0 : Math.min(own, Math.max(0, sums.shared / sums.sharedShare));
  return {
    covariance: (row, column) => {
      const value = covariance[row * R + column]!;
      return Number.isNaN(value) ? own * dependence[row * R + column]! : value;
    },
    error: (row, column) => (row === column ? own : shared) * dependence[row * R + column]!,
  };
}

/** Degrees of freedom of x'Qx for normal x of covariance Ω: tr(QΩ)²/tr(QΩQΩ). */
function satterthwaite(size: number, form: Entry, omega: Entry): number {
  const product = Array.from({ length: size }, (_, row) =>
    Float64Array.from({ length: size }, (__, column) => {
      let sum = 0;
      for (let place = 0; place < size; place++) sum += form(row, place) * omega(place, column);
      return sum;
    }),
  );
  let trace = 0;
  let squared = 0;
  for (let row = 0; row < size; row++) {
    trace += product[row]![row]!;
    for (let column = 0; column < size; column++) squared += product[row]![column]! * product[column]![row]!;
  }
  return squared === 0 ? Infinity : trace ** 2 / squared;
}
