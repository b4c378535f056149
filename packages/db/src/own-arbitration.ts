import { DomainError } from "@crossread/contracts/errors";
import type { Database, Transaction } from "./database.ts";
import type { SessionSettings } from "./reading-sessions.ts";

export interface ArbitrationKey {
  readonly arbitratorId: string;
  readonly arbitrationId: string;
}

/** An arbitrator's cases of one queue, less those that went to somebody else. */
export const whereOwn = (arbitration: OwnArbitration, key: ArbitrationKey) => ({
  queueId: arbitration.queueId,
  arbitratorId: key.arbitratorId,
  supersededAt: null,
});

/** Holds a case's steps until the transaction ends: of calls that come at once each sees what the one before it left. */
export async function holdArbitration(tx: Transaction, key: ArbitrationKey): Promise<OwnArbitration> {
  const { arbitrationId } = key;
  await tx.$queryRaw`SELECT id FROM arbitrations WHERE id = ${arbitrationId}::uuid FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM arbitration_readings WHERE arbitration_id = ${arbitrationId}::uuid
    ORDER BY id FOR UPDATE`;
  return loadOwnArbitration(tx, key);
}

export interface OwnArbitration {
  readonly id: string;
  readonly queueId: string;
  readonly caseId: string;
  readonly position: number;
  readonly seed: number;
  readonly isDecided: boolean;
  readonly readerStudyId: string;
  readonly readerStudyName: string;
  readonly settings: SessionSettings;
}

/**
 * The arbitration, if it is the caller's own; somebody else's is as if it did not exist.
 *
 * @throws {DomainError} "not-found"; "conflict" where the caller's locked reading was handed over
 */
export async function loadOwnArbitration(
  db: Database | Transaction,
  key: ArbitrationKey,
): Promise<OwnArbitration> {
  const row = await db.arbitration.findFirst({
    where: { id: key.arbitrationId, arbitratorId: key.arbitratorId },
    select: {
      id: true,
      queueId: true,
      caseId: true,
      position: true,
      decidedAt: true,
      supersededAt: true,
      queue: {
        select: {
          seed: true,
          readerStudy: {
            select: {
              id: true,
              name: true,
              sessionMinutes: true,
              breakAfterMinutes: true,
              breakMinutes: true,
            },
          },
        },
      },
    },
  });
  if (row === null) throw new DomainError("not-found", `You have no arbitration ${key.arbitrationId}.`);
  const { decidedAt, queue, supersededAt, ...rest } = row;
  if (supersededAt !== null) {
    throw new DomainError(
      "conflict",
      "This case was handed over to somebody else: the reading that you locked is kept, and nothing more is entered.",
    );
  }
  const { id, name, ...settings } = queue.readerStudy;
  return {
    ...rest,
    seed: queue.seed,
    isDecided: decidedAt !== null,
    readerStudyId: id,
    readerStudyName: name,
    settings,
  };
}
