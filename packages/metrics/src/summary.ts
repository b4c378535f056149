import { assertFinite, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** null for a single value: no spread can be told from one run. */
  readonly standardDeviation: number | null;
}

export function mean(values: Numbers): number {
  if (values.length === 0) throw new MetricInputError("empty", "A mean needs at least one value, got none.");
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}

/** Σ(x−x̄)²/(n−1); needs two values. */
export function sampleVariance(values: Numbers): number {
  if (values.length < 2) {
    throw new MetricInputError("too-few-cases", `A sample variance needs two values, got ${values.length}.`);
  }
  const centre = mean(values);
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index]! - centre) ** 2;
  return sum / (values.length - 1);
}

/**
 * Mean ± sample standard deviation over repeated runs.
 *
 * @param values - shape [n], finite
 * @throws {MetricInputError} "empty", "not-finite"
 */
export function summarise(values: Numbers): Summary {
  assertFinite("values", values);
  return {
    count: values.length,
    mean: mean(values),
    standardDeviation: values.length < 2 ? null : Math.sqrt(sampleVariance(values)),
  };
}
