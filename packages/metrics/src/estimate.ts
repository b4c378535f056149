/** A quantity that the data may leave undefined; the reason is a sentence for people. */
export type PointEstimate = { readonly value: number } | { readonly undefined: string };

/** A quantity with its confidence interval and the words for how the interval was made. */
export type Estimate =
  | { readonly value: number; readonly lower: number; readonly upper: number; readonly method: string }
  | { readonly undefined: string };

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

export const defaultConfidence = 0.95;

export function isDefined<TEstimate extends PointEstimate | Estimate>(
  estimate: TEstimate,
): estimate is Extract<TEstimate, { readonly value: number }> {
  return "value" in estimate;
}

/** The quotient, or the reason where the denominator is 0. */
export function ratio(numerator: number, denominator: number, reason: string): PointEstimate {
  return denominator === 0 ? { undefined: reason } : { value: numerator / denominator };
}
