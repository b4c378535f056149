import { closeBackgroundJob, setBackgroundProgress } from "@crossread/db/background-job-writes";
import type { RoundRow } from "@crossread/db/round-state";
import { findRun, type RunRow } from "@crossread/db/run-state";
import type { WorkerContext } from "../worker-context.ts";

export const runJobId = (runId: string): string => `training-run.${runId}`;

export const deadlineOf = (run: RunRow, at: Date): Date =>
  new Date(at.getTime() + run.plan.roundDeadlineMinutes * 60_000);

/** Share of a round that is behind it when it enters a stage. */
const stageShare = { training: 0, aggregating: 0.8, evaluating: 0.85 } as const;

export async function showRound(
  context: WorkerContext,
  run: RunRow,
  round: { number: RoundRow["number"]; stage: keyof typeof stageShare; share?: number },
): Promise<void> {
  const { rounds } = run.plan;
  const share = stageShare[round.stage] + (round.share ?? 0);
  await setBackgroundProgress(context.db, runJobId(run.runId), {
    progress: 0.05 + (0.95 * (round.number - 1 + share)) / rounds,
    message: `Round ${round.number} of ${rounds}: ${round.stage}`,
  });
}

/** Ends the run's entry among the jobs in the state that the run itself has reached. */
export async function closeRunJob(context: WorkerContext, runId: string): Promise<void> {
  const run = await findRun(context.db, runId);
  if (run === undefined) return;
  const { state } = run;
  if (state !== "completed" && state !== "failed" && state !== "cancelled") return;
  const message = state === "completed" ? `${run.plan.rounds} rounds` : "";
  await closeBackgroundJob(context.db, runJobId(runId), { state, message, at: context.now() });
}
