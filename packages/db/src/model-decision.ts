import { evaluationReportSchema } from "@crossread/contracts/evaluation-report";
import type { DiscordanceRules } from "@crossread/contracts/discordance";
import type { Database, Transaction } from "./database.ts";

export interface ComparableCheckpoint {
  readonly checkpointId: string;
  readonly name: string;
}

export interface ModelDecision {
  readonly checkpointName: string;
  /** Null with a reason where no evaluation has chosen a threshold. */
  readonly model: DiscordanceRules["model"];
  /** Earlier checkpoints of the same training run that scored images of the study, newest first. */
  readonly earlier: readonly ComparableCheckpoint[];
}

/**
 * The operating point of a study's checkpoint: of the pooled evaluation on the study's cohort and, where there are
 * several splits, on the split of most of its cases.
 */
export async function loadModelDecision(
  db: Database | Transaction,
  readerStudyId: string,
): Promise<ModelDecision> {
  const { checkpoint, cohortId } = await db.readerStudy.findUniqueOrThrow({
    where: { id: readerStudyId },
    select: {
      cohortId: true,
      checkpoint: { select: { id: true, name: true, runId: true, roundNumber: true } },
    },
  });
  const [evaluations, splits, earlier] = await Promise.all([
    db.evaluation.findMany({
      where: { checkpointId: checkpoint.id, cohortId, siteId: null },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      select: { split: true, report: true },
    }),
    db.cohortCase.groupBy({
      by: ["split"],
      where: { cohortId, case: { assignments: { some: { readerStudyId } } } },
      _count: { _all: true },
    }),
    checkpoint.runId === null
      ? []
      : db.checkpoint.findMany({
          where: {
            runId: checkpoint.runId,
            roundNumber: { lt: checkpoint.roundNumber },
            predictions: { some: { instance: { case: { assignments: { some: { readerStudyId } } } } } },
          },
          orderBy: { roundNumber: "desc" },
          select: { id: true, name: true },
        }),
  ]);
  const [main] = splits.toSorted((a, b) => b._count._all - a._count._all);
  const evaluation = evaluations.find(({ split }) => split === main?.split) ?? evaluations[0];
  return {
    checkpointName: checkpoint.name,
    model:
      evaluation === undefined
        ? null
        : {
            checkpointId: checkpoint.id,
            threshold: evaluationReportSchema.parse(evaluation.report).operatingPoint.threshold,
          },
    earlier: earlier.map(({ id, name }) => ({ checkpointId: id, name })),
  };
}
