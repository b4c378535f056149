import { Prisma } from "./generated/client.ts";

/**
 * A case that a person still has to read: not submitted in a study that is not closed.
 * Nothing that would unblind it may reach that person, whatever their other roles are.
 */
export const pendingAssignmentOf = (readerId: string): Prisma.ReadingAssignmentWhereInput => ({
  readerId,
  readerStudy: { state: { not: "closed" } },
  readings: { none: { condition: "aided", lockedAt: { not: null } } },
});

/** A case that waits for a person's arbitration: until the decision it is as blind to them as to a reader. */
export const pendingArbitrationOf = (arbitratorId: string): Prisma.ArbitrationWhereInput => ({
  arbitratorId,
  decidedAt: null,
});

export const whereNotPendingFor = (readerId: string): Prisma.CaseWhereInput => ({
  assignments: { none: pendingAssignmentOf(readerId) },
  arbitrations: { none: pendingArbitrationOf(readerId) },
});

/** Ids of those cases, for statements that are written in SQL; the same rule as above. */
export const pendingCaseIds = (readerId: string): Prisma.Sql => Prisma.sql`
  SELECT pending.case_id FROM reading_assignments pending
  JOIN reader_studies pending_study ON pending_study.id = pending.reader_study_id
  WHERE pending.reader_id = ${readerId}::uuid AND pending_study.state <> 'closed'
    AND NOT EXISTS (SELECT 1 FROM readings submitted WHERE submitted.assignment_id = pending.id
      AND submitted.condition = 'aided' AND submitted.locked_at IS NOT NULL)
  UNION SELECT undecided.case_id FROM arbitrations undecided
  WHERE undecided.arbitrator_id = ${readerId}::uuid AND undecided.decided_at IS NULL`;
