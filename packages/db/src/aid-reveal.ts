import { DomainError } from "@crossread/contracts/errors";
import type { Condition } from "@crossread/contracts/reading";
import type { Database, Transaction } from "./database.ts";

/** One assignment of a reader to a case, as far as it decides whether the model's aid may be seen. */
export interface AidAssignment {
  readonly assignmentId: string;
  readonly readerStudyId: string;
  readonly checkpointId: string;
  readonly period: number;
  readonly condition: Condition | null;
  readonly isSubmitted: boolean;
  /** Whether its own step with the aid has begun. */
  readonly isRevealed: boolean;
  /** Whether the person may read in it: invited persons and closed studies are not active. */
  readonly isAccepted: boolean;
  /** Whether it is still to be read by this person. */
  readonly isPending: boolean;
}

/** A reader's assignments to one case in studies that were opened. */
export async function loadAidAssignments(
  db: Database,
  key: { readonly readerId: string; readonly caseId: string },
): Promise<AidAssignment[]> {
  const rows = await db.readingAssignment.findMany({
    where: { ...key, readerStudy: { state: { not: "draft" } } },
    select: {
      id: true,
      readerStudyId: true,
      period: true,
      condition: true,
      submittedAt: true,
      readerStudy: { select: { checkpointId: true, state: true } },
      participant: { select: { participation: true } },
      readings: { select: { condition: true, lockedAt: true } },
    },
  });
  return rows.map((row) => {
    const { participation } = row.participant;
    return {
      assignmentId: row.id,
      readerStudyId: row.readerStudyId,
      checkpointId: row.readerStudy.checkpointId,
      period: row.period,
      condition: row.condition,
      isSubmitted: row.submittedAt !== null,
      isRevealed:
        row.condition === null
          ? row.readings.some(({ condition, lockedAt }) => condition === "unaided" && lockedAt !== null)
          : row.readings.some(({ condition }) => condition === "aided"),
      isAccepted: participation === "accepted",
      isPending:
        row.submittedAt === null &&
        row.readerStudy.state !== "closed" &&
        (participation === "accepted" || participation === "invited"),
    };
  });
}

/**
 * Whether an assignment shows the aid: in its own aided step, and after it as long as nobody waits for an unaided
 * reading of the case by the same person. The later period of the same crossover waits by design.
 */
export function isAidShown(shown: AidAssignment, all: readonly AidAssignment[]): boolean {
  if (!shown.isAccepted || !shown.isRevealed) return false;
  return !shown.isSubmitted || !all.some(isBlind);
}

/** Whether a map may be fetched: shown in one of the assignments, and no other study keeps it away. */
export function isMapShown(checkpointId: string, all: readonly AidAssignment[]): boolean {
  return all.some(
    (shown) =>
      shown.checkpointId === checkpointId &&
      isAidShown(shown, all) &&
      all.every(
        (other) =>
          !isBlind(other) || (other.readerStudyId === shown.readerStudyId && other.period > shown.period),
      ),
  );
}

const isBlind = (assignment: AidAssignment): boolean => assignment.isPending && !assignment.isRevealed;

/** @throws {DomainError} "conflict" where an image of the case has no score or no map yet */
export async function assertAidReady(
  tx: Transaction,
  read: { readonly caseId: string; readonly checkpointId: string },
  advice: string,
): Promise<void> {
  const { caseId, checkpointId } = read;
  const withoutAid = await tx.instance.count({
    where: {
      caseId,
      OR: [
        { predictions: { none: { checkpointId } } },
        { saliencyMaps: { none: { checkpointId, classLabel: "malignant" } } },
      ],
    },
  });
  if (withoutAid > 0) {
    throw new DomainError("conflict", `The model's maps of this case are still being made: ${advice}.`);
  }
}
