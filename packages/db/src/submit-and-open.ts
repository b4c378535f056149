import { isDomainError } from "@crossread/contracts/errors";
import type { Database } from "./database.ts";
import { submitReading, type ReadingStepEnd, type SubmittedReading } from "./reading-drafts.ts";
import { openReadingCase, type ReadingCase } from "./readings.ts";

export interface SubmittedAndOpened extends SubmittedReading {
  /** The next case as `openReadingCase` gives it; null where there is none, or where it does not open. */
  readonly opened: ReadingCase | null;
}

/**
 * Submits a case and opens the next one, so that a reader waits for one answer only. What is submitted stays so
 * whether or not the next case opens: why it does not is said where it is asked for by itself.
 */
export async function submitAndOpenNext(db: Database, end: ReadingStepEnd): Promise<SubmittedAndOpened> {
  const submitted = await submitReading(db, end);
  const assignmentId = submitted.nextAssignmentId;
  if (assignmentId === null) return { ...submitted, opened: null };
  try {
    const opened = await openReadingCase(db, { readerId: end.readerId, assignmentId }, end.now);
    return { ...submitted, opened };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { ...submitted, opened: null };
  }
}
