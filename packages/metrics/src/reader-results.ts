import { studentCriticalValue, studentTwoSidedPValue } from "./f-distribution.ts";
import type { OrLayout } from "./or-components.ts";

export interface ReaderEstimate {
  readonly value: number;
  readonly standardError: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ReaderDifference extends ReaderEstimate {
  /** Indices of conditions; value = first − second. */
  readonly first: number;
  readonly second: number;
  /** Null where this reader's figures do not vary over the cases. */
  readonly z: number | null;
  /** Two-sided; null with z. */
  readonly pValue: number | null;
}

export interface ReaderResult {
  readonly reader: string;
  /** Mean of the reader's error variances over conditions. */
  readonly error: number;
  /** Mean of the reader's covariances between conditions. */
  readonly cov1: number;
  /** One a condition, from its own variance. */
  readonly conditions: readonly ReaderEstimate[];
  readonly differences: readonly ReaderDifference[];
}

/**
 * Each reader alone, for other cases: normal intervals; a difference has variance 2(Var(ε_j) − Cov1_j).
 *
 * @source Hillis, Stat Med 26:596 (2007); OR-DBM MRMC 2.51, analysis 2 (d)
 * @golden golden/mrmc/cases.json
 */
export function readerResults(layout: OrLayout, confidence: number): ReaderResult[] {
  const T = layout.conditions.length;
  const critical = studentCriticalValue(confidence, Infinity);
  const estimate = (value: number, variance: number): ReaderEstimate => {
    const standardError = Math.sqrt(Math.max(0, variance));
    return {
      value,
      standardError,
      lower: value - critical * standardError,
      upper: value + critical * standardError,
    };
  };
  return layout.readers.map((name, reader) => {
    let error = 0;
    let cov1 = 0;
    const conditions: ReaderEstimate[] = [];
    for (let left = 0; left < T; left++) {
      for (let right = 0; right < T; right++) {
        const covariance = layout.covarianceOf({ condition: left, reader }, { condition: right, reader });
        if (left === right) {
          error += covariance / T;
          conditions.push(estimate(layout.values[left]![reader]!, covariance));
        } else {
          cov1 += covariance / (T * (T - 1));
        }
      }
    }
    const differences = conditions.flatMap((a, first) =>
      conditions.slice(first + 1).map((b, offset) => {
        const difference = estimate(a.value - b.value, 2 * (error - cov1));
        const z = difference.standardError === 0 ? null : difference.value / difference.standardError;
        return {
          first,
          second: first + 1 + offset,
          ...difference,
          z,
          pValue: z === null ? null : studentTwoSidedPValue(z, Infinity),
        };
      }),
    );
    return { reader: name, error, cov1, conditions, differences };
  });
}
