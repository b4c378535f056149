import { errorCodes, isDomainError, type ErrorCode } from "@crossread/contracts/errors";
import type { JobPayload } from "@crossread/contracts/queues";
import type { SiteProgress } from "@crossread/contracts/training-progress";
import { listCohortImages } from "@crossread/db/cohort-images";
import { findRound, type RoundRow } from "@crossread/db/round-state";
import { findRun, type RunRow } from "@crossread/db/run-state";
import {
  claimUpdate,
  isClaimHeld,
  receiveUpdate,
  refuseUpdate,
  reportProgress,
  type UpdateClaim,
} from "@crossread/db/site-update-state";
import { createRandom } from "@crossread/metrics/random";
import type { JobContext } from "@crossread/queue/serve-queue";
import type { TaskInput } from "../tasks/task-contracts.ts";
import type { WorkerContext } from "../worker-context.ts";
import { loadCheckpoint } from "./checkpoint-reference.ts";
import { toImageReference } from "./image-references.ts";
import { showRound } from "./run-progress.ts";

const claimCheckIntervalMs = 1_000;
/** Work that a killed process can lose; writing the state takes well under a second. */
const stateIntervalMs = 20_000;

/** One for each update: every attempt finds what the attempt before it left. */
const stateKeyOf = (claim: UpdateClaim): string => `training-states/${claim.updateId}.safetensors`;

/** One site's part of a round. A second run of the job finds the update delivered, or takes it over with a higher fence. */
export async function trainSite(
  context: WorkerContext,
  payload: JobPayload<"train-site">,
  job: JobContext,
): Promise<void> {
  await context.children.useSlot(async () => {
    const { roundId, runId, siteId } = payload;
    const run = await findRun(context.db, runId);
    const round = await findRound(context.db, roundId);
    if (run === undefined || round === undefined) return;
    const claim = await claimUpdate(context.db, { roundId, siteId, at: context.now() });
    if (claim === undefined) return;
    await showRound(context, run, { number: round.number, stage: "training" });
    await train(context, { run, round, siteId, claim }, job);
  }, job.signal);
}

interface SiteTraining {
  readonly run: RunRow;
  readonly round: RoundRow;
  readonly siteId: string;
  readonly claim: UpdateClaim;
}

async function train(context: WorkerContext, training: SiteTraining, job: JobContext): Promise<void> {
  const { claim, round, siteId } = training;
  const lost = watchClaim(context, claim);
  try {
    const update = await context.children.run("train-local", await taskInput(context, training), {
      signal: AbortSignal.any([job.signal, lost.signal]),
      onEvent: async (progress: SiteProgress) => {
        if (!(await reportProgress(context.db, claim, progress))) lost.abort();
      },
    });
    await reportProgress(context.db, claim, update.progress);
    const { blobKey, exampleCount, sha256 } = update;
    const isReceived = await receiveUpdate(context.db, claim, { blobKey, exampleCount, sha256 });
    await context.store.delete(stateKeyOf(claim));
    context.logger.info({ roundId: round.roundId, siteId, isReceived, sha256 }, "site trained");
  } catch (error) {
    if (lost.signal.aborted) {
      await context.store.delete(stateKeyOf(claim));
      context.logger.info(
        { roundId: round.roundId, siteId },
        "site training stopped: the round goes on without it",
      );
      return;
    }
    await refuseIfFinal(context, { claim, error, job });
  } finally {
    lost.stop();
  }
}

/** What cannot succeed on a retry ends the site's part, with the reason kept; the quorum decides about the round. */
async function refuseIfFinal(
  context: WorkerContext,
  { claim, error, job }: { claim: UpdateClaim; error: unknown; job: JobContext },
): Promise<void> {
  if (job.signal.aborted) throw error;
  const code: ErrorCode = isDomainError(error) ? error.code : "training-failed";
  // Training that diverges diverges again: it is deterministic.
  const isFinal = isDomainError(error) && (!errorCodes[code].retryable || code === "training-failed");
  if (!isFinal && !job.isLastAttempt) throw error;
  const message = isDomainError(error) ? error.message : "The training process ended without a result.";
  context.logger.warn({ updateId: claim.updateId, code }, "site update refused");
  await context.store.delete(stateKeyOf(claim));
  await refuseUpdate(context.db, claim, { code, message, at: context.now() });
}

async function taskInput(
  context: WorkerContext,
  { claim, round, run, siteId }: SiteTraining,
): Promise<TaskInput<"train-local">> {
  if (round.baseCheckpointId === null) throw new Error(`Round ${round.roundId} has no base checkpoint`);
  const { blobKey, manifest } = await loadCheckpoint(context, round.baseCheckpointId);
  const images = await listCohortImages(context.db, {
    cohortId: run.cohortId,
    splits: ["train", "tuning"],
    siteId,
  });
  const site = run.sites.find((candidate) => candidate.siteId === siteId);
  return {
    engine: context.engine,
    base: { blobKey, manifest },
    roundNumber: round.number,
    plan: run.plan,
    seed: siteSeed(run.plan.seed, round.number, site?.code ?? ""),
    train: images.filter(({ split }) => split === "train").map(toImageReference),
    tuning: images.filter(({ split }) => split === "tuning").map(toImageReference),
    stateKey: stateKeyOf(claim),
    stateIntervalMs,
  };
}

/** A stream for every round and site, so that no order of work changes what is drawn. */
const siteSeed = (seed: number, roundNumber: number, siteCode: string): number =>
  createRandom(seed)
    .fork(`round ${roundNumber}`)
    .fork(`site ${siteCode}`)
    .nextInt(2 ** 31);

/** Aborts when the round was cancelled, closed, or taken over under a higher fence. */
function watchClaim(context: WorkerContext, claim: UpdateClaim) {
  const controller = new AbortController();
  const timer = setInterval(() => {
    void isClaimHeld(context.db, claim)
      .then((isHeld) => (isHeld ? undefined : controller.abort()))
      .catch(() => undefined);
  }, claimCheckIntervalMs);
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    stop: () => clearInterval(timer),
  };
}
