import type { Prisma } from "./generated/client.ts";

/**
 * A case that a person still has to read: not submitted in a study that is not closed.
 * Nothing that would unblind it may reach that person, whatever their other roles are.
 */
export const pendingAssignmentOf = (readerId: string): Prisma.ReadingAssignmentWhereInput => ({
  readerId,
  readerStudy: { state: { not: "closed" } },
  readings: { none: { condition: "aided", lockedAt: { not: null } } },
});

export const whereNotPendingFor = (readerId: string): Prisma.CaseWhereInput => ({
  assignments: { none: pendingAssignmentOf(readerId) },
});
