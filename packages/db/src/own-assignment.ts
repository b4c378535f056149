import { DomainError } from "@crossread/contracts/errors";
import type { Condition } from "@crossread/contracts/reading";
import type { Database, Transaction } from "./database.ts";
import type { SessionSettings } from "./reading-sessions.ts";

export interface AssignmentKey {
  readonly readerId: string;
  readonly assignmentId: string;
}

export interface OwnAssignment {
  readonly id: string;
  readonly position: number;
  readonly caseId: string;
  /** The only condition that is read; null: unaided, then aided. */
  readonly condition: Condition | null;
  readonly isSubmitted: boolean;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly checkpointId: string;
  readonly isOpen: boolean;
  readonly settings: SessionSettings & { readonly washoutDays: number };
}

/**
 * The assignment, if it is the caller's own; somebody else's is as if it did not exist.
 *
 * @throws {DomainError} "not-found"; "forbidden" where the caller has not accepted the invitation, or no longer reads
 */
export async function loadAssignment(db: Database | Transaction, key: AssignmentKey): Promise<OwnAssignment> {
  const row = await db.readingAssignment.findFirst({
    where: { id: key.assignmentId, readerId: key.readerId, readerStudy: { state: { not: "draft" } } },
    select: {
      id: true,
      position: true,
      caseId: true,
      condition: true,
      submittedAt: true,
      participant: { select: { participation: true } },
      readerStudy: {
        select: {
          id: true,
          name: true,
          state: true,
          checkpointId: true,
          washoutDays: true,
          sessionMinutes: true,
          breakAfterMinutes: true,
          breakMinutes: true,
        },
      },
    },
  });
  if (row === null) throw new DomainError("not-found", `You have no assignment ${key.assignmentId}.`);
  const { id, name, state, checkpointId, ...settings } = row.readerStudy;
  const refusal = {
    planned: `Reader study "${name}" is not open.`,
    invited: `Accept the invitation to "${name}" in your work list before you read in it.`,
    accepted: undefined,
    declined: `You declined the invitation to "${name}".`,
    withdrawn: `You were withdrawn from "${name}": what you locked is kept, and nothing more is read.`,
  }[row.participant.participation];
  if (refusal !== undefined) throw new DomainError("forbidden", refusal);
  return {
    id: row.id,
    position: row.position,
    caseId: row.caseId,
    condition: row.condition,
    isSubmitted: row.submittedAt !== null,
    readerStudyId: id,
    readerStudyName: name,
    checkpointId,
    isOpen: state === "open",
    settings,
  };
}

export async function loadOpenAssignment(
  db: Database | Transaction,
  key: AssignmentKey,
): Promise<OwnAssignment> {
  const assignment = await loadAssignment(db, key);
  if (!assignment.isOpen) {
    throw new DomainError("conflict", `Reader study "${assignment.readerStudyName}" is closed.`);
  }
  return assignment;
}
