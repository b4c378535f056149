import { MetricInputError } from "./metric-input-error.ts";

export type Numbers = ArrayLike<number>;

/** 1 = malignant (diseased), 0 = benign or normal. */
export type BinaryLabel = 0 | 1;

export function assertSameLength(name: string, got: ArrayLike<unknown>, expected: number): void {
  if (got.length !== expected) {
    throw new MetricInputError("length-mismatch", `Expected ${expected} ${name}, got ${got.length}.`);
  }
}

export function assertFinite(name: string, values: Numbers): void {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) {
      throw new MetricInputError(
        "not-finite",
        `Every one of the ${name} must be finite, got ${values[index]} at index ${index}.`,
      );
    }
  }
}

export function assertUnitInterval(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new MetricInputError("out-of-range", `${name} must lie in [0, 1], got ${value}.`);
  }
}

/** Confidence level, target or prevalence: the open unit interval. */
export function assertOpenUnitInterval(name: string, value: number): void {
  if (!(value > 0 && value < 1)) {
    throw new MetricInputError("out-of-range", `${name} must lie strictly between 0 and 1, got ${value}.`);
  }
}

/** Labels are 0 or 1, scores are finite, both have the same length ≥ 1. */
export function assertLabelledScores(labels: Numbers, scores: Numbers): void {
  if (labels.length === 0)
    throw new MetricInputError("empty", "Expected at least one labelled score, got none.");
  assertSameLength("scores", scores, labels.length);
  for (let index = 0; index < labels.length; index++) {
    if (labels[index] !== 0 && labels[index] !== 1) {
      throw new MetricInputError(
        "label-invalid",
        `Every label must be 0 or 1, got ${labels[index]} at index ${index}.`,
      );
    }
  }
  assertFinite("scores", scores);
}
