import { DomainError, errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { JobPayload } from "@crossread/contracts/queues";
import { storeCheckpoint } from "@crossread/db/checkpoints-write";
import { loadFrozenCohort } from "@crossread/db/cohort-images";
import {
  claimAggregation,
  finishAggregation,
  recordVerdicts,
  type RoundRow,
} from "@crossread/db/round-state";
import { failRun, findRun, type RunRow } from "@crossread/db/run-state";
import { encodeCheckpoint, type EncodedCheckpoint } from "@crossread/model/checkpoint";
import { loadWeights } from "../tasks/load-checkpoint.ts";
import type { WorkerContext } from "../worker-context.ts";
import { loadCheckpoint, type StoredCheckpoint } from "./checkpoint-reference.ts";
import { driveRun } from "./drive-run.ts";
import { judgeUpdates, type JudgedRound } from "./judge-updates.ts";
import { closeRunJob, showRound } from "./run-progress.ts";
import { loadServerState, storeServerState } from "./server-state.ts";
import { planStrategy } from "./plan-strategy.ts";
import { aggregateRound as aggregateUpdates } from "@crossread/federation/aggregate";
import type { GlobalModel } from "@crossread/federation/update";

/**
 * training → aggregating → evaluating. What has arrived when the round closes is judged and merged in the order of site
 * codes: doing it twice, on any machine, gives the same bytes, and only one of two gets to write the round on.
 */
export async function aggregateRound(
  context: WorkerContext,
  { roundId, runId }: JobPayload<"aggregate-round">,
): Promise<void> {
  const run = await findRun(context.db, runId);
  const round = await claimAggregation(context.db, { roundId, at: context.now() });
  if (run === undefined || round === undefined) return;
  await showRound(context, run, { number: round.number, stage: "aggregating" });
  try {
    await aggregate(context, run, round);
  } catch (error) {
    if (!isDomainError(error) || errorCodes[error.code].retryable) throw error;
    const { code, message } = error;
    context.logger.warn({ runId, roundId, code }, "round failed");
    await failRun(context.db, { runId, code, message, at: context.now() });
    await closeRunJob(context, runId);
    return;
  }
  await driveRun(context, runId);
}

async function aggregate(context: WorkerContext, run: RunRow, round: RoundRow): Promise<void> {
  if (round.baseCheckpointId === null) throw new Error(`Round ${round.roundId} has no base checkpoint`);
  const base = await loadCheckpoint(context, round.baseCheckpointId);
  const { parameters } = await loadWeights(context.store, base);
  const model: GlobalModel = { weights: parameters.trainable, statistics: parameters.statistics };
  const judged = await judgeUpdates(context, round, { model, base });
  await recordVerdicts(context.db, judged.verdicts, context.now());
  assertQuorum(run, round, judged);

  const strategy = planStrategy(run.plan);
  const state = await loadServerState(context, run.runId, round.number - 1);
  const result = aggregateUpdates({
    base: model,
    updates: judged.accepted,
    strategy,
    state,
    batchNormPolicy: "average",
  });
  await storeServerState(context, { runId: run.runId, roundNumber: round.number, state: result.state });
  const cohort = await loadFrozenCohort(context.db, run.cohortId);
  const checkpoint = encodeCheckpoint({
    config: base.manifest.config,
    parameters: { trainable: result.model.weights, statistics: result.model.statistics },
    normalisation: base.manifest.normalisation,
    classNames: base.manifest.classNames,
    lineage: {
      origin: "aggregated",
      parentId: base.lineageId,
      round: round.number,
      strategy: { name: strategy.name, parameters: { ...strategy.parameters } },
      seed: run.plan.seed,
      cohortDigests: [cohort.digest],
      updates: [...judged.lineage],
      codeVersion: context.codeVersion,
      sourceSha256: null,
    },
  });
  await storeAggregate(context, { run, round, base, checkpoint, acceptedCount: judged.accepted.length });
}

function assertQuorum(run: RunRow, round: RoundRow, judged: JudgedRound): void {
  if (judged.accepted.length >= run.plan.quorum) return;
  const missed = round.updates.filter(({ state }) => state === "missed").map(({ siteCode }) => siteCode);
  const refused = judged.lineage.flatMap(({ refusedCode, siteId }) =>
    refusedCode === undefined ? [] : [`${siteId} (${refusedCode})`],
  );
  const own = round.updates
    .filter(({ blobKey, state }) => state === "refused" && blobKey === null)
    .map(({ siteCode }) => siteCode);
  const reasons = [
    ...(missed.length === 0 ? [] : [`missed by ${missed.join(", ")}`]),
    ...(refused.length + own.length === 0 ? [] : [`refused from ${[...refused, ...own].join(", ")}`]),
  ];
  throw new DomainError(
    "quorum-not-reached",
    `Round ${round.number} needs updates of ${run.plan.quorum} of ${round.updates.length} sites, but ${judged.accepted.length} were accepted: ${reasons.join("; ")}.`,
  );
}

interface Aggregate {
  readonly run: RunRow;
  readonly round: RoundRow;
  readonly base: StoredCheckpoint;
  readonly checkpoint: EncodedCheckpoint;
  readonly acceptedCount: number;
}

async function storeAggregate(context: WorkerContext, aggregated: Aggregate): Promise<void> {
  const { base, checkpoint, round, run } = aggregated;
  const { sha256 } = checkpoint.manifest.weights;
  const blobKey = `checkpoints/${sha256}.safetensors`;
  await context.store.put(blobKey, checkpoint.weights);
  const row = await storeCheckpoint(context.db, {
    name: `${run.name}, round ${round.number}`,
    sha256,
    blobKey,
    manifest: checkpoint.manifest,
    parentId: base.row.checkpointId,
    runId: run.runId,
    roundNumber: round.number,
  });
  const isMine = await finishAggregation(context.db, {
    roundId: round.roundId,
    runId: run.runId,
    checkpointId: row.checkpointId,
    sha256: row.sha256,
    acceptedCount: aggregated.acceptedCount,
  });
  context.logger.info({ roundId: round.roundId, sha256, isMine }, "round aggregated");
}
