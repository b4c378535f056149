import { finishCancellation, findRun } from "@crossread/db/run-state";
import { findLatestRound, type RoundRow } from "@crossread/db/round-state";
import type { WorkerContext } from "../worker-context.ts";
import { closeRunJob } from "./run-progress.ts";

/**
 * Asks for whatever a run needs next, as its rows say. Called after every step and at every start of a worker: work that
 * is asked for already is not added twice, work that was lost with a process is added again.
 */
export async function driveRun(context: WorkerContext, runId: string): Promise<void> {
  const run = await findRun(context.db, runId);
  if (run === undefined) return;
  switch (run.state) {
    case "queued":
    case "preparing":
      await context.queue.enqueue("prepare-run", { runId });
      return;
    case "running": {
      const round = await findLatestRound(context.db, runId);
      if (round !== undefined) await driveRound(context, { round, cohortId: run.cohortId });
      return;
    }
    case "cancelling":
      await finishCancellation(context.db, runId, context.now());
      await closeRunJob(context, runId);
      return;
    case "cancelled":
    case "completed":
    case "failed":
      await closeRunJob(context, runId);
  }
}

async function driveRound(
  context: WorkerContext,
  { cohortId, round }: { round: RoundRow; cohortId: string },
): Promise<void> {
  const { queue } = context;
  const payload = { runId: round.runId, roundId: round.roundId };
  switch (round.state) {
    case "pending":
    case "training": {
      const open = round.updates.filter(({ state }) => state === "pending" || state === "training");
      if (open.length === 0) {
        // Not the plain id: the round's own aggregation may wait for a child that no longer exists.
        await queue.enqueue("aggregate-round", payload, { generation: "settled" });
        return;
      }
      await queue.enqueueRound({ ...payload, siteIds: open.map(({ siteId }) => siteId) });
      if (round.deadlineAt !== null) {
        const delayMs = Math.max(0, round.deadlineAt.getTime() - context.now().getTime());
        // A deadline that was moved is another job than the one that it replaces.
        const generation = String(round.deadlineAt.getTime());
        await queue.enqueue("round-deadline", payload, { delayMs, generation });
      }
      return;
    }
    case "aggregating":
      await queue.enqueue("aggregate-round", payload, { generation: "settled" });
      return;
    case "evaluating":
      if (round.resultCheckpointId !== null) {
        await queue.enqueue("evaluate-checkpoint", {
          checkpointId: round.resultCheckpointId,
          cohortId,
          roundId: round.roundId,
        });
      }
      return;
    case "completed":
    case "cancelled":
    case "failed":
  }
}
