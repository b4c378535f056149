import type { JobPayload } from "@crossread/contracts/queues";
import { findRound } from "@crossread/db/round-state";
import type { WorkerContext } from "../worker-context.ts";
import { aggregateRound } from "./aggregate-round.ts";

const clockToleranceMs = 1_000;

/** The round goes on with those who delivered in time; the quorum decides whether they are enough. */
export async function roundDeadline(
  context: WorkerContext,
  payload: JobPayload<"round-deadline">,
): Promise<void> {
  const round = await findRound(context.db, payload.roundId);
  if (round?.state !== "training" || round.deadlineAt === null) return;
  if (round.deadlineAt.getTime() > context.now().getTime() + clockToleranceMs) return;
  const late = round.updates.filter(({ state }) => state === "pending" || state === "training");
  context.logger.warn(
    { roundId: payload.roundId, missed: late.map(({ siteCode }) => siteCode) },
    "round deadline reached",
  );
  await aggregateRound(context, payload);
}
