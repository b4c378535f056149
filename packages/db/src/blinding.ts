import type { Database, Transaction } from "./database.ts";
import { Prisma } from "./generated/client.ts";

/**
 * A case that a person still has to read: not submitted in a study that is not closed, unless they declined or were
 * withdrawn. Nothing that would unblind it may reach that person, whatever their other roles are.
 */
export const pendingAssignmentOf = (readerId: string): Prisma.ReadingAssignmentWhereInput => ({
  readerId,
  submittedAt: null,
  readerStudy: { state: { not: "closed" } },
  participant: { participation: { in: ["planned", "invited", "accepted"] } },
});

/** A case that waits for a person's arbitration: until it is decided or handed over it is as blind to them as to a reader. */
export const pendingArbitrationOf = (arbitratorId: string): Prisma.ArbitrationWhereInput => ({
  arbitratorId,
  decidedAt: null,
  supersededAt: null,
});

/** With the weights of the study's model, its scores and maps can be computed at home. */
export async function mayHaveWeights(
  db: Database,
  key: { readonly userId: string; readonly checkpointId: string },
): Promise<boolean> {
  const { checkpointId, userId } = key;
  const unread = await db.readingAssignment.count({
    where: { AND: [pendingAssignmentOf(userId), { readerStudy: { checkpointId } }] },
  });
  if (unread > 0) return false;
  const undecided = await db.arbitration.count({
    where: { AND: [pendingArbitrationOf(userId), { queue: { readerStudy: { checkpointId } } }] },
  });
  return undecided === 0;
}

/** Whether anything at all is still blind to a person. */
export async function hasPendingCase(db: Database, userId: string): Promise<boolean> {
  const select = { id: true } as const;
  const [unread, undecided] = await Promise.all([
    db.readingAssignment.findFirst({ where: pendingAssignmentOf(userId), select }),
    db.arbitration.findFirst({ where: pendingArbitrationOf(userId), select }),
  ]);
  return unread !== null || undecided !== null;
}

export const whereNotPendingFor = (userId: string): Prisma.CaseWhereInput => ({
  assignments: { none: pendingAssignmentOf(userId) },
  arbitrations: { none: pendingArbitrationOf(userId) },
});

/** How many of the cases are still blind to a person: a count of their findings would tell of each. */
export const countPending = (
  db: Database | Transaction,
  userId: string,
  caseIds: readonly string[],
): Promise<number> => db.case.count({ where: { id: { in: [...caseIds] }, NOT: whereNotPendingFor(userId) } });

/** Ids of those cases, for statements that are written in SQL; the same rules as above. */
export const pendingCaseIds = (userId: string): Prisma.Sql => Prisma.sql`
  SELECT pending.case_id FROM reading_assignments pending
  JOIN reader_studies pending_study ON pending_study.id = pending.reader_study_id
  JOIN reader_study_readers pending_reader ON pending_reader.reader_study_id = pending.reader_study_id
    AND pending_reader.reader_id = pending.reader_id
  WHERE pending.reader_id = ${userId}::uuid AND pending.submitted_at IS NULL
    AND pending_study.state <> 'closed'
    AND pending_reader.participation IN ('planned', 'invited', 'accepted')
  UNION ALL
  SELECT undecided.case_id FROM arbitrations undecided
  WHERE undecided.arbitrator_id = ${userId}::uuid AND undecided.decided_at IS NULL AND undecided.superseded_at IS NULL`;
