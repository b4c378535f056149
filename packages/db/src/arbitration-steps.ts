import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import { readingAnswersSchema, type ReadingAnswers } from "@crossread/contracts/reading";
import { createRandom } from "@crossread/metrics/random";
import type { Database, Transaction } from "./database.ts";
import type { OwnArbitration } from "./own-arbitration.ts";

export interface StoredStep {
  readonly answers: ReadingAnswers;
  readonly version: number;
  readonly durationMs: number;
  readonly isLocked: boolean;
}

/** What an arbitrator sees of another's reading: its comment stays away, which may name a person or the model. */
export type ShownReading = Omit<ReadingAnswers, "comment">;

export interface RevealedStep {
  readonly decision: StoredStep;
  /** Every reader's final reading in an order of its own, whether they disagree or not. */
  readonly readings: readonly ShownReading[];
}

export async function loadSteps(
  db: Database | Transaction,
  arbitrationId: string,
): Promise<Map<ArbitrationStep, StoredStep>> {
  const rows = await db.arbitrationReading.findMany({ where: { arbitrationId } });
  return new Map(
    rows.map((row) => [
      row.step,
      {
        answers: readingAnswersSchema.parse(row.answers),
        version: row.version,
        durationMs: row.durationMs,
        isLocked: row.lockedAt !== null,
      },
    ]),
  );
}

export async function loadShownReadings(
  db: Database | Transaction,
  arbitration: OwnArbitration,
): Promise<ShownReading[]> {
  const rows = await db.reading.findMany({
    where: {
      assignment: { readerStudyId: arbitration.readerStudyId, caseId: arbitration.caseId },
      lockedAt: { not: null },
    },
    select: { answers: true, condition: true, assignment: { select: { readerId: true } } },
    orderBy: [{ assignment: { readerId: "asc" } }, { condition: "asc" }],
  });
  // Ordered unaided, aided: the last of each reader is the final one.
  const finals = new Map(
    rows.map((row) => [row.assignment.readerId, readingAnswersSchema.parse(row.answers)]),
  );
  return createRandom(arbitration.seed)
    .fork(`readings/${arbitration.caseId}`)
    .shuffle([...finals.values()])
    .map(({ comment: _comment, ...shown }) => shown);
}
