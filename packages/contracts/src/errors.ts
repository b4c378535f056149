/** Every refusal that Crossread can make: one row a code, with its tRPC twin and whether a retry can help. */
export const errorCodes = {
  usage: { trpc: "BAD_REQUEST", retryable: false },
  "not-found": { trpc: "NOT_FOUND", retryable: false },
  forbidden: { trpc: "FORBIDDEN", retryable: false },
  unauthenticated: { trpc: "UNAUTHORIZED", retryable: false },
  conflict: { trpc: "CONFLICT", retryable: false },
  "rate-limited": { trpc: "TOO_MANY_REQUESTS", retryable: false },
  busy: { trpc: "SERVICE_UNAVAILABLE", retryable: true },
  "directory-missing": { trpc: "BAD_REQUEST", retryable: false },
  "file-missing": { trpc: "BAD_REQUEST", retryable: false },
  "image-unreadable": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "image-truncated": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "image-kind-refused": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "transfer-syntax-unsupported": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "deidentification-refused": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "patient-id-missing": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "uid-missing": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "site-key-unreadable": { trpc: "INTERNAL_SERVER_ERROR", retryable: false },
  "receipt-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "burned-in-text": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "dataset-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "label-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "csv-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "cohort-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "one-class-cohort": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "cohort-contaminated": { trpc: "CONFLICT", retryable: false },
  "fingerprint-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "plan-invalid": { trpc: "BAD_REQUEST", retryable: false },
  "weights-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "checkpoint-invalid": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "metric-undefined": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "update-shape-mismatch": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "update-not-finite": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "update-stale-base": { trpc: "CONFLICT", retryable: false },
  "update-duplicate": { trpc: "CONFLICT", retryable: false },
  "update-norm-outlier": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "update-no-examples": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "aggregation-empty": { trpc: "UNPROCESSABLE_CONTENT", retryable: false },
  "quorum-not-reached": { trpc: "CONFLICT", retryable: false },
  "reading-already-locked": { trpc: "CONFLICT", retryable: false },
  "run-cancelled": { trpc: "CONFLICT", retryable: false },
  "training-failed": { trpc: "INTERNAL_SERVER_ERROR", retryable: true },
  "engine-unavailable": { trpc: "SERVICE_UNAVAILABLE", retryable: false },
  "storage-unavailable": { trpc: "SERVICE_UNAVAILABLE", retryable: true },
  "upload-quota": { trpc: "SERVICE_UNAVAILABLE", retryable: true },
  "chunk-misplaced": { trpc: "CONFLICT", retryable: false },
  "blob-missing": { trpc: "NOT_FOUND", retryable: false },
  "blob-digest-mismatch": { trpc: "CONFLICT", retryable: false },
  "environment-invalid": { trpc: "INTERNAL_SERVER_ERROR", retryable: false },
  "port-in-use": { trpc: "INTERNAL_SERVER_ERROR", retryable: false },
} as const satisfies Record<string, { trpc: string; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

export interface DomainErrorOptions {
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DomainError";
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Structural, because bundlers make second copies of a module and `instanceof` then fails. */
export function isDomainError(error: unknown): error is DomainError {
  return (
    error instanceof Error &&
    error.name === "DomainError" &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code in errorCodes
  );
}
