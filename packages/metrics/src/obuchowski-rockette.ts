/** Obuchowski–Rockette analysis of a reader study with Hillis' degrees of freedom; differences are first − second. */
import { defaultConfidence } from "./estimate.ts";
import { chiSquareUpperTail, fUpperTail } from "./f-distribution.ts";
import type { FigureEstimates } from "./figure-covariance.ts";
import { assertOpenUnitInterval } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import {
  conditionMeans,
  errorCovariance,
  layOut,
  meanSquares,
  readerMeanSquare,
  varianceComponents,
  type OrLayout,
  type OrMeanSquares,
  type OrVarianceComponents,
} from "./or-components.ts";
import { readerResults, type ReaderResult } from "./reader-results.ts";
import {
  conditionDifference,
  studentInterval,
  type ConditionDifference,
  type StudentInterval,
} from "./student-interval.ts";

export interface OrTest {
  readonly distribution: "F" | "chi-square";
  readonly statistic: number;
  readonly numeratorDf: number;
  /** Infinity for chi-square. */
  readonly denominatorDf: number;
  /** Of H₀: all conditions are equal. */
  readonly pValue: number;
}

export interface OrInference {
  readonly test: OrTest;
  readonly differences: readonly ConditionDifference[];
  /** One a condition, from that condition's data alone. */
  readonly conditions: readonly StudentInterval[];
}

export interface ObuchowskiRockette {
  readonly design: OrLayout["design"];
  readonly conditions: readonly string[];
  readonly readers: readonly string[];
  /** Shape [T][R]. */
  readonly values: readonly (readonly number[])[];
  /** Shape [T]. */
  readonly means: readonly number[];
  readonly meanSquares: OrMeanSquares;
  readonly components: OrVarianceComponents;
  /** Speaks for other readers and other cases. */
  readonly randomReadersRandomCases: OrInference;
  /** Speaks for other cases, but for these readers only. */
  readonly fixedReadersRandomCases: OrInference;
  /** Speaks for other readers, but for these cases only. */
  readonly randomReadersFixedCases: OrInference;
  /** One a reader, each from the reader's own error variance and Cov1; other cases, this reader. */
  readonly byReader: readonly ReaderResult[];
}

/**
 * Multi-reader multi-case comparison of conditions.
 *
 * F = MS(T)/M with M = MS(T·R) + r·max(Cov2 − Cov3, 0) and ddf_H = M²/(MS(T·R)²/((T−1)(R−G)));
 * a difference has variance 2M/R. Fixed readers: χ² = (T−1)·MS(T)/(Var(ε) − Cov1 + (r−1)·max(Cov2 − Cov3, 0)); fixed
 * cases: M = MS(T·R). r readers share a case; G = 1 except in a split-plot study.
 *
 * @param parts - one `figureEstimates` for a fully crossed study; several with cases and readers of their own (and equally
 *   many readers) for a split-plot study
 * @param options.confidence - of every interval, default 0.95
 * @throws {MetricInputError} "too-few-readers", "unbalanced-design", "duplicate-subject"; "zero-variance" if neither
 *   readers nor cases vary, as where every reader is perfect; "out-of-range"
 * @remarks Var(R) and Var(T·R) are ANOVA estimates and can be negative. Intervals are not cut to [0, 1].
 *   In a split-plot study MS(R) and MS(T·R) are taken within the parts, so that differences between the parts' cases do not
 *   count as differences between readers.
 * @complexity O((T·R)²) time
 * @source Obuchowski & Rockette, Commun Stat Simul 24:285 (1995); Hillis, Stat Med 26:596 (2007) and 33:330 (2014);
 *   split-plot: Obuchowski, Gallas & Hillis, Acad Radiol 19:1508 (2012)
 * @golden golden/mrmc/cases.json (OR-DBM MRMC 2.51 as published; DBM analysis of pseudovalues)
 */
export function obuchowskiRockette(
  parts: readonly FigureEstimates[],
  options: { readonly confidence?: number } = {},
): ObuchowskiRockette {
  const confidence = options.confidence ?? defaultConfidence;
  assertOpenUnitInterval("confidence", confidence);
  const layout = layOut(parts);
  const squares = meanSquares(layout);
  const components = varianceComponents(squares, errorCovariance(layout), layout.conditions.length);
  const { readersPerCase, blockCount } = layout;
  const T = layout.conditions.length;
  const R = layout.readers.length;
  const interactionDf = (T - 1) * (R - blockCount);
  const shared = Math.max(components.cov2 - components.cov3, 0);
  const randomTerm = squares.conditionReader + readersPerCase * shared;
  const single = layout.conditions.map((_, condition) => singleCondition(layout, condition));

  return {
    design: layout.design,
    conditions: layout.conditions,
    readers: layout.readers,
    values: layout.values,
    means: conditionMeans(layout),
    meanSquares: squares,
    components,
    randomReadersRandomCases: inference(layout, squares, {
      confidence,
      denominator: randomTerm,
      denominatorDf: hillisDf(randomTerm, squares.conditionReader, interactionDf),
      conditions: single.map(({ readerSquare, cov2 }) => {
        const term = readerSquare + readersPerCase * Math.max(cov2, 0);
        return { variance: term / R, df: hillisDf(term, readerSquare, R - blockCount) };
      }),
    }),
    fixedReadersRandomCases: inference(layout, squares, {
      confidence,
      denominator: components.error - components.cov1 + (readersPerCase - 1) * shared,
      denominatorDf: Infinity,
      conditions: single.map(({ error, cov2 }) => ({
        variance: (error + (readersPerCase - 1) * Math.max(cov2, 0)) / R,
        df: Infinity,
      })),
    }),
    randomReadersFixedCases: inference(layout, squares, {
      confidence,
      denominator: squares.conditionReader,
      denominatorDf: interactionDf,
      conditions: single.map(({ readerSquare }) => ({ variance: readerSquare / R, df: R - blockCount })),
    }),
    byReader: readerResults(layout, confidence),
  };
}

/** Hillis (2007), ddf_H: infinite where the readers agree exactly and only the cases vary. */
function hillisDf(term: number, meanSquare: number, meanSquareDf: number): number {
  return meanSquare === 0 ? Infinity : (term / meanSquare) ** 2 * meanSquareDf;
}

/** MS(R), error variance and Cov2 of one condition. */
function singleCondition(layout: OrLayout, condition: number) {
  const only: OrLayout = {
    ...layout,
    conditions: [layout.conditions[condition]!],
    values: [layout.values[condition]!],
    covarianceOf: (left, right) =>
      layout.covarianceOf({ condition, reader: left.reader }, { condition, reader: right.reader }),
  };
  const { error, cov2 } = errorCovariance(only);
  return { readerSquare: readerMeanSquare(only), error, cov2 };
}

interface InferenceTerms {
  readonly confidence: number;
  /** M: a difference of two conditions has variance 2M/R. */
  readonly denominator: number;
  readonly denominatorDf: number;
  readonly conditions: readonly { readonly variance: number; readonly df: number }[];
}

function inference(layout: OrLayout, squares: OrMeanSquares, terms: InferenceTerms): OrInference {
  const { denominator, denominatorDf, confidence } = terms;
  if (!(denominator > 0)) {
    throw new MetricInputError(
      "zero-variance",
      `The error term of the comparison is ${denominator}: neither readers nor cases vary, so no test exists.`,
    );
  }
  const numeratorDf = layout.conditions.length - 1;
  const isNormal = denominatorDf === Infinity;
  const f = squares.condition / denominator;
  const means = conditionMeans(layout);
  const standardError = Math.sqrt((2 * denominator) / layout.readers.length);
  const differences = means.flatMap((left, first) =>
    means
      .slice(first + 1)
      .map((right, offset) =>
        conditionDifference(
          { first, second: first + 1 + offset },
          { value: left - right, standardError, df: denominatorDf, confidence },
        ),
      ),
  );
  return {
    test: {
      distribution: isNormal ? "chi-square" : "F",
      statistic: isNormal ? numeratorDf * f : f,
      numeratorDf,
      denominatorDf,
      pValue: isNormal
        ? chiSquareUpperTail(numeratorDf * f, numeratorDf)
        : fUpperTail(f, numeratorDf, denominatorDf),
    },
    differences,
    conditions: terms.conditions.map(({ variance, df }, condition) =>
      studentInterval({ value: means[condition]!, standardError: Math.sqrt(variance), df, confidence }),
    ),
  };
}
