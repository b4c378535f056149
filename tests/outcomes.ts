import { isDomainError } from "@crossread/contracts/errors";

/** The outcomes of calls that were made at once: sentences of ours, or a failure of the test. */
export function sentencesOf(outcomes: readonly PromiseSettledResult<unknown>[]): string[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.status === "fulfilled") return [];
    if (!isDomainError(outcome.reason)) throw outcome.reason;
    return [`${outcome.reason.code}: ${outcome.reason.message}`];
  });
}
