import { studentCriticalValue, studentTwoSidedPValue } from "./f-distribution.ts";

export interface StudentInterval {
  readonly value: number;
  readonly standardError: number;
  /** Infinity where the interval is normal. */
  readonly degreesOfFreedom: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ConditionDifference extends StudentInterval {
  /** Indices of conditions; value = first − second. */
  readonly first: number;
  readonly second: number;
  readonly statistic: number;
  /** Two-sided. */
  readonly pValue: number;
}

interface StudentTerms {
  readonly value: number;
  readonly standardError: number;
  /** Infinity: normal. */
  readonly df: number;
  readonly confidence: number;
}

/** value ± t · standard error */
export function studentInterval(terms: StudentTerms): StudentInterval {
  const { confidence, df, standardError, value } = terms;
  const reach = studentCriticalValue(confidence, df) * standardError;
  return { value, standardError, degreesOfFreedom: df, lower: value - reach, upper: value + reach };
}

/** A difference of two conditions with its interval and the test of H₀: it is 0. */
export function conditionDifference(
  between: { readonly first: number; readonly second: number },
  terms: StudentTerms,
): ConditionDifference {
  const statistic = terms.value / terms.standardError;
  return {
    ...between,
    ...studentInterval(terms),
    statistic,
    pValue: studentTwoSidedPValue(statistic, terms.df),
  };
}
