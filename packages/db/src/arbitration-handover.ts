import type { HandoverShare } from "@crossread/contracts/arbitration";
import { DomainError } from "@crossread/contracts/errors";
import { findFreePosition, loadEligibility } from "./arbitration-queue.ts";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";

export interface ArbitrationHandover {
  readonly actorId: string;
  readonly readerStudyId: string;
  readonly fromId: string;
  readonly toId: string;
  readonly share: HandoverShare;
  readonly reason: string;
  readonly now: Date;
}

export interface HandedOver {
  readonly movedCount: number;
  /** Of those moved, cases whose reading was locked: it stays on record, and the other one begins anew. */
  readonly supersededCount: number;
  readonly keptCount: number;
}

/**
 * Gives cases of one arbitrator to another, behind that one's own. A draft is dropped. A reading that is locked was read:
 * it stays with the person who locked it, superseded, and the successor gets an arbitration that knows nothing of it.
 */
export async function handOverArbitrations(db: Database, handover: ArbitrationHandover): Promise<HandedOver> {
  const { fromId, readerStudyId, toId } = handover;
  if (fromId === toId) throw new DomainError("usage", "Cases are handed over to somebody else.");
  return db.$transaction(
    async (tx) => {
      const queueId = await holdQueue(tx, readerStudyId);
      const undecided = await tx.arbitration.findMany({
        where: { queueId, arbitratorId: fromId, decidedAt: null, supersededAt: null },
        orderBy: { position: "asc" },
        select: { id: true, caseId: true, readings: { select: { lockedAt: true } } },
      });
      const cases = undecided.map(({ readings, ...row }) => ({
        ...row,
        isLocked: readings.some(({ lockedAt }) => lockedAt !== null),
      }));
      const moved = cases.filter(({ isLocked }) => handover.share === "undecided" || !isLocked);
      if (moved.length === 0) {
        throw new DomainError(
          "conflict",
          `Nothing is left to hand over: every case is decided${cases.length === 0 ? "" : " or locked"}.`,
        );
      }
      await assertMayTake(tx, moved, toId);
      const first = await findFreePosition(tx, { queueId, arbitratorId: toId });
      await tx.arbitrationReading.deleteMany({
        where: { arbitrationId: { in: moved.map(({ id }) => id) }, lockedAt: null },
      });
      for (const [index, { caseId, id, isLocked }] of moved.entries()) {
        const place = { arbitratorId: toId, position: first + index };
        if (isLocked) {
          await tx.arbitration.update({
            where: { id },
            data: { supersededAt: handover.now, supersededReason: handover.reason },
          });
          await tx.arbitration.create({ data: { queueId, caseId, ...place } });
        } else {
          await tx.arbitration.update({ where: { id }, data: place });
        }
      }
      const supersededIds = moved.filter(({ isLocked }) => isLocked).map(({ id }) => id);
      const keptCount = cases.length - moved.length;
      await appendAudit(tx, {
        actorId: handover.actorId,
        siteId: null,
        action: "arbitration.hand-over",
        entityKind: "reader-study",
        entityId: readerStudyId,
        reason: handover.reason,
        details: { fromId, toId, arbitrationIds: moved.map(({ id }) => id), supersededIds, keptCount },
      });
      return { movedCount: moved.length, supersededCount: supersededIds.length, keptCount };
    },
    { timeout: 60_000 },
  );
}

/** Nobody opens, locks, decides or hands over a case of the queue meanwhile. */
async function holdQueue(tx: Transaction, readerStudyId: string): Promise<string> {
  const [queue] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM arbitration_queues WHERE reader_study_id = ${readerStudyId}::uuid FOR UPDATE`;
  if (queue === undefined) {
    throw new DomainError("not-found", `There is no arbitration of reader study ${readerStudyId}.`);
  }
  await tx.$queryRaw`SELECT 1 FROM arbitrations WHERE queue_id = ${queue.id}::uuid ORDER BY id FOR UPDATE`;
  return queue.id;
}

async function assertMayTake(
  tx: Transaction,
  cases: readonly { readonly caseId: string }[],
  toId: string,
): Promise<void> {
  const eligible = await loadEligibility(
    tx,
    cases.map(({ caseId }) => caseId),
    [toId],
  );
  const refusedCount = cases.filter(({ caseId }) => eligible.get(caseId) === undefined).length;
  if (refusedCount > 0) {
    throw new DomainError(
      "plan-invalid",
      `The other person may not arbitrate ${refusedCount} of ${cases.length} cases: an arbitrator is a radiologist of the case's site who has not read it and did not give it up.`,
    );
  }
}
