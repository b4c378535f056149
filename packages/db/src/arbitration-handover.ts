import { DomainError } from "@crossread/contracts/errors";
import { loadEligibility } from "./arbitration-queue.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";

export interface ArbitrationHandover {
  readonly actorId: string;
  readonly readerStudyId: string;
  readonly fromId: string;
  readonly toId: string;
  readonly reason: string;
}

/**
 * Gives what one arbitrator has not locked to another, behind that one's own cases. A case whose independent reading is
 * locked stays: it was read, and the record of it is not given away.
 */
export async function handOverArbitrations(
  db: Database,
  handover: ArbitrationHandover,
): Promise<{ movedCount: number; keptCount: number }> {
  const { fromId, readerStudyId, toId } = handover;
  if (fromId === toId) throw new DomainError("usage", "Cases are handed over to somebody else.");
  return db.$transaction(async (tx) => {
    const [queue] = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM arbitration_queues WHERE reader_study_id = ${readerStudyId}::uuid FOR UPDATE`;
    if (queue === undefined) {
      throw new DomainError("not-found", `There is no arbitration of reader study ${readerStudyId}.`);
    }
    // Nobody locks a reading of these cases meanwhile.
    await tx.$queryRaw`SELECT 1 FROM arbitrations WHERE queue_id = ${queue.id}::uuid FOR UPDATE`;
    const undecided = await tx.arbitration.findMany({
      where: { queueId: queue.id, arbitratorId: fromId, decidedAt: null },
      orderBy: { position: "asc" },
      select: { id: true, caseId: true, readings: { select: { lockedAt: true } } },
    });
    const moved = undecided.filter(({ readings }) => readings.every(({ lockedAt }) => lockedAt === null));
    if (moved.length === 0) {
      throw new DomainError("conflict", "Nothing is left to hand over: every case is decided or locked.");
    }
    const eligible = await loadEligibility(
      tx,
      moved.map(({ caseId }) => caseId),
      [toId],
    );
    const refusedCount = moved.filter(({ caseId }) => eligible.get(caseId) === undefined).length;
    if (refusedCount > 0) {
      throw new DomainError(
        "plan-invalid",
        `The other person may not arbitrate ${refusedCount} of ${moved.length} cases: an arbitrator is a radiologist of the case's site who has not read it.`,
      );
    }
    const last = await tx.arbitration.aggregate({
      where: { queueId: queue.id, arbitratorId: toId },
      _max: { position: true },
    });
    const first = (last._max.position ?? -1) + 1;
    await tx.arbitrationReading.deleteMany({
      where: { arbitrationId: { in: moved.map(({ id }) => id) }, lockedAt: null },
    });
    for (const [index, { id }] of moved.entries()) {
      await tx.arbitration.update({
        where: { id },
        data: { arbitratorId: toId, position: first + index },
      });
    }
    const keptCount = undecided.length - moved.length;
    await appendAudit(tx, {
      actorId: handover.actorId,
      siteId: null,
      action: "arbitration.hand-over",
      entityKind: "reader-study",
      entityId: readerStudyId,
      reason: handover.reason,
      details: { fromId, toId, arbitrationIds: moved.map(({ id }) => id), keptCount },
    });
    return { movedCount: moved.length, keptCount };
  });
}
