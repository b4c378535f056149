import { readingAnswersSchema, type ReadingAnswers } from "@crossread/contracts/reading";
import type { Database, Transaction } from "./database.ts";

/** The locked reading of an arbitrator whose case went to somebody else. */
export interface SupersededReading {
  readonly arbitratorId: string;
  readonly arbitratorName: string;
  readonly lockedAt: Date;
  readonly supersededAt: Date;
  readonly reason: string;
  readonly durationMs: number;
  readonly answers: ReadingAnswers;
}

/** In the order in which they were given up. */
export async function loadSupersededReadings(
  db: Database | Transaction,
  key: { readonly queueId: string; readonly caseId: string },
): Promise<SupersededReading[]> {
  const rows = await db.arbitrationReading.findMany({
    where: { lockedAt: { not: null }, arbitration: { ...key, supersededAt: { not: null } } },
    orderBy: [{ arbitration: { supersededAt: "asc" } }, { id: "asc" }],
    select: {
      answers: true,
      durationMs: true,
      lockedAt: true,
      arbitration: {
        select: {
          arbitratorId: true,
          supersededAt: true,
          supersededReason: true,
          arbitrator: { select: { name: true } },
        },
      },
    },
  });
  return rows.flatMap(({ answers, arbitration, durationMs, lockedAt }) => {
    const { arbitrator, arbitratorId, supersededAt, supersededReason } = arbitration;
    return lockedAt === null || supersededAt === null
      ? []
      : [
          {
            arbitratorId,
            arbitratorName: arbitrator.name,
            lockedAt,
            supersededAt,
            reason: supersededReason ?? "",
            durationMs,
            answers: readingAnswersSchema.parse(answers),
          },
        ];
  });
}
