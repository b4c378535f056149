import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { DiscordanceKind } from "@crossread/contracts/discordance";
import type { ReadingAnswers } from "@crossread/contracts/reading";
import { loadSteps } from "./arbitration-steps.ts";
import type { Database } from "./database.ts";
import { loadSupersededReadings } from "./superseded-readings.ts";
import { fromDiscordanceKindRow } from "./discordance-row.ts";

/** What a reader study's export says of the arbitration of one case; undecided ones say nothing. */
export interface ExportedArbitration {
  readonly discordances: readonly {
    readonly laterality: Laterality;
    readonly kind: DiscordanceKind;
    readonly statement: string;
  }[];
  readonly decided: {
    readonly arbitratorId: string;
    readonly decidedAt: Date;
    readonly independent: { readonly durationMs: number; readonly answers: ReadingAnswers };
    readonly decision: { readonly durationMs: number; readonly answers: ReadingAnswers };
    /** Readings of arbitrators who gave the case up after they had locked them, in that order. */
    readonly superseded: readonly {
      readonly arbitratorId: string;
      readonly lockedAt: Date;
      readonly supersededAt: Date;
      readonly durationMs: number;
      readonly answers: ReadingAnswers;
    }[];
  } | null;
}

/** Null where the case is not in arbitration. */
export async function loadExportedArbitration(
  db: Database,
  key: { readonly readerStudyId: string; readonly caseId: string },
): Promise<ExportedArbitration | null> {
  const { caseId, readerStudyId } = key;
  const row = await db.arbitration.findFirst({
    where: { caseId, queue: { readerStudyId }, supersededAt: null },
    select: { id: true, arbitratorId: true, decidedAt: true, queueId: true },
  });
  if (row === null) return null;
  const [discordances, steps, superseded] = await Promise.all([
    db.discordance.findMany({
      where: { caseId, queueId: row.queueId },
      orderBy: [{ laterality: "desc" }, { kind: "asc" }],
      select: { laterality: true, kind: true, statement: true },
    }),
    loadSteps(db, row.id),
    loadSupersededReadings(db, { queueId: row.queueId, caseId }),
  ]);
  const [independent, decision] = [steps.get("independent"), steps.get("decision")];
  const { arbitratorId, decidedAt } = row;
  return {
    discordances: discordances.map(({ kind, ...rest }) => ({ ...rest, kind: fromDiscordanceKindRow(kind) })),
    decided:
      decidedAt === null || independent === undefined || decision === undefined
        ? null
        : {
            arbitratorId,
            decidedAt,
            independent: { durationMs: independent.durationMs, answers: independent.answers },
            decision: { durationMs: decision.durationMs, answers: decision.answers },
            superseded: superseded.map(({ arbitratorName: _name, reason: _reason, ...rest }) => rest),
          },
  };
}
