import { DomainError, errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { JobPayload } from "@crossread/contracts/queues";
import { openBackgroundJob, setBackgroundProgress } from "@crossread/db/background-job-writes";
import { assertCohortClean } from "@crossread/db/cohort-leaks";
import { storeCheckpoint } from "@crossread/db/checkpoints-write";
import { listCohortImages, loadFrozenCohort } from "@crossread/db/cohort-images";
import { claimPreparation, failRun, findRun, startRun, type RunRow } from "@crossread/db/run-state";
import type { JobContext } from "@crossread/queue/serve-queue";
import { compareImages } from "../guardian/compare-images.ts";
import type { WorkerContext } from "../worker-context.ts";
import { loadCheckpoint } from "./checkpoint-reference.ts";
import { assertBothClasses } from "./cohort-checks.ts";
import { driveRun } from "./drive-run.ts";
import { toImageReference } from "./image-references.ts";
import { closeRunJob, deadlineOf, runJobId } from "./run-progress.ts";

/** queued → running: checks the cohort, makes the first checkpoint, opens round 1. */
export async function prepareRun(
  context: WorkerContext,
  { runId }: JobPayload<"prepare-run">,
  job: JobContext,
): Promise<void> {
  const { db } = context;
  const run = await findRun(db, runId);
  if (run === undefined) throw new DomainError("not-found", `There is no training run ${runId}.`);
  if (await claimPreparation(db, runId, context.now())) {
    await openBackgroundJob(db, {
      jobId: runJobId(runId),
      kind: "training-run",
      title: run.name,
      entityKind: "training-run",
      entityId: runId,
    });
    try {
      const initialCheckpointId = await findInitialCheckpoint(context, run, job.signal);
      const at = context.now();
      await startRun(db, {
        runId,
        initialCheckpointId,
        deadlineAt: deadlineOf(run, at),
        at,
      });
    } catch (error) {
      if (!isDomainError(error) || errorCodes[error.code].retryable) throw error;
      const { code, message } = error;
      context.logger.warn({ runId, code }, "training run refused");
      await failRun(db, { runId, code, message, at: context.now() });
      await closeRunJob(context, runId);
      return;
    }
  }
  await driveRun(context, runId);
}

/** The checkpoint that the run continues, or a new one. */
async function findInitialCheckpoint(
  context: WorkerContext,
  run: RunRow,
  signal: AbortSignal,
): Promise<string> {
  const { db } = context;
  if (run.sites.length === 0)
    throw new DomainError("plan-invalid", `Training run ${run.runId} names no site.`);
  if (run.plan.quorum > run.sites.length) {
    throw new DomainError(
      "plan-invalid",
      `A quorum cannot exceed the number of sites, got ${run.plan.quorum} of ${run.sites.length}.`,
    );
  }
  const cohort = await loadFrozenCohort(db, run.cohortId);
  const images = await listCohortImages(db, {
    cohortId: run.cohortId,
    splits: ["train", "tuning", "internal-test", "external-test"],
  });
  assertBothClasses(run.sites, images);
  await compareImages(context, signal);
  await assertCohortClean(db, { cohortId: run.cohortId, name: cohort.name, needsAllCompared: true });
  if (run.initialCheckpointId !== null) {
    const { manifest } = await loadCheckpoint(context, run.initialCheckpointId);
    if (manifest.config.architecture !== run.plan.architecture) {
      throw new DomainError(
        "plan-invalid",
        `The plan trains ${run.plan.architecture}, but checkpoint ${run.initialCheckpointId} is ${manifest.config.architecture}.`,
      );
    }
    return run.initialCheckpointId;
  }
  const input = {
    architecture: run.plan.architecture,
    seed: run.plan.seed,
    cohortDigest: cohort.digest,
    codeVersion: context.codeVersion,
    imageNetWeightsFile: context.imageNetWeightsFile ?? null,
    sites: run.sites.map((site) => ({
      code: site.code,
      images: images
        .filter((image) => image.siteId === site.siteId && image.split === "train")
        .map(toImageReference),
    })),
  };
  const prepared = await context.children.useSlot(
    () =>
      context.children.run("prepare-model", input, {
        signal,
        onEvent: async ({ done, total }) => {
          await setBackgroundProgress(db, runJobId(run.runId), {
            progress: (0.05 * done) / total,
            message: `Measuring ${done} of ${total} training images`,
          });
        },
      }),
    signal,
  );
  const checkpoint = await storeCheckpoint(db, {
    name: `${run.name}, initial`,
    sha256: prepared.sha256,
    blobKey: prepared.blobKey,
    manifest: prepared.manifest,
    parentId: null,
    runId: run.runId,
    roundNumber: 0,
  });
  return checkpoint.checkpointId;
}
