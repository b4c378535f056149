import { isDomainError } from "@crossread/contracts/errors";

/** One sentence where the refusal is ours; else everything that helps to find the fault at start. */
export function describeFailure(error: unknown): string {
  if (isDomainError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
