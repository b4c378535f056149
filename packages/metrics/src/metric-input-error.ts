export type MetricInputCode =
  | "empty"
  | "length-mismatch"
  | "not-finite"
  | "label-invalid"
  | "one-class"
  | "too-few-cases"
  | "out-of-range"
  | "zero-variance"
  | "constant-ratings"
  | "category-unknown"
  | "flat-map"
  | "mark-outside-map"
  | "duplicate-subject"
  | "too-few-readers"
  | "too-few-conditions"
  | "missing-rating"
  | "unbalanced-design"
  | "unreachable-power";

/** The one error of this package: an input for which the asked quantity has no value. */
export class MetricInputError extends Error {
  readonly code: MetricInputCode;

  constructor(code: MetricInputCode, message: string) {
    super(message);
    this.name = "MetricInputError";
    this.code = code;
  }
}

/** Structural, because bundlers make second copies of a module and `instanceof` then fails. */
export function isMetricInputError(error: unknown): error is MetricInputError {
  return error instanceof Error && error.name === "MetricInputError" && "code" in error;
}
