import type { DatasetSource } from "@crossread/contracts/dataset-source";
import type { JobPayload } from "@crossread/contracts/queues";
import { isDomainError } from "@crossread/contracts/errors";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import { listCohortLeaks } from "@crossread/db/cohort-leaks";
import { createCohort } from "@crossread/db/cohort-draw";
import { freezeCohort } from "@crossread/db/cohort-freeze";
import { excludeFromCohort } from "@crossread/db/leak-decisions";
import {
  findDemonstration,
  listRunCheckpoints,
  type DemonstrationRows,
} from "@crossread/db/demonstration-seed";
import { createReaderStudy } from "@crossread/db/reader-studies";
import { findRun } from "@crossread/db/run-state";
import { createTrainingRun } from "@crossread/db/training-runs";
import { createValidationRound } from "@crossread/db/validation-rounds";
import { findValidation } from "@crossread/db/validation-state";
import { listActiveSites } from "@crossread/db/worker-nodes";
import type { JobContext } from "@crossread/queue/serve-queue";
import { demoReaderEmails } from "../demonstration-accounts.ts";
import { compareImages } from "../guardian/compare-images.ts";
import type { WorkerContext } from "../worker-context.ts";
import { demonstrationJobId } from "./continue-demonstration.ts";
import { driveRun } from "./drive-run.ts";
import { findUnexplained } from "./explain-checkpoint.ts";
import { fillSites } from "./fill-demonstration-sites.ts";

const names = {
  cohort: "Demonstration cohort",
  run: "Demonstration training",
  validation: "Demonstration validation",
  readerStudy: "Demonstration reader study",
  readerEmails: demoReaderEmails,
};

const phantomPurpose = "Generated content: shows the whole loop, says nothing about real mammograms.";
const filmPurpose = "Digitised films of mini-MIAS, spread over three simulated sites by patient.";
const importedPurpose = "Images of an imported dataset, spread over three simulated sites by patient.";

function purposeOf(dataset: DatasetSource | undefined): string {
  if (dataset === undefined) return phantomPurpose;
  return dataset.kind === "mias" ? filmPurpose : importedPurpose;
}

/** What is left to do, as one word; each stage finds what earlier attempts have made. */
type Progress = { readonly share: number; readonly message: string };

/** Fills an empty platform. Every call does what is next, up to the point where it must wait for others' work. */
export async function prepareDemonstration(
  context: WorkerContext,
  _payload: JobPayload<"prepare-demonstration">,
  job: JobContext,
): Promise<void> {
  const { db } = context;
  await openBackgroundJob(db, {
    jobId: demonstrationJobId,
    kind: "prepare-demonstration",
    title: "Demonstration",
  });
  try {
    const waitingFor = await advance(context, job);
    if (waitingFor !== undefined) {
      await setBackgroundProgress(db, demonstrationJobId, {
        progress: waitingFor.share,
        message: waitingFor.message,
      });
      return;
    }
    await close(context, "completed", "Sites, cohort, model, validation and reader study are there");
  } catch (error) {
    if (job.signal.aborted || (!isDomainError(error) && !job.isLastAttempt)) throw error;
    context.logger.error({ err: error }, "demonstration failed");
    await close(
      context,
      "failed",
      isDomainError(error) ? error.message : "It ended with an unexpected error",
    );
  }
}

const close = (context: WorkerContext, state: "completed" | "failed", message: string): Promise<void> =>
  closeBackgroundJob(context.db, demonstrationJobId, { state, message, at: context.now() });

async function advance(context: WorkerContext, job: JobContext): Promise<Progress | undefined> {
  const rows = await findDemonstration(context.db, names);
  const cohortId = rows.isCohortFrozen ? rows.cohortId : await makeCohort(context, rows, job.signal);
  if (cohortId === undefined) throw new Error("The demonstration's cohort could not be made");

  const runId = rows.runId ?? (await launchRun(context, rows, cohortId));
  const run = await findRun(context.db, runId);
  if (run?.state === "failed" || run?.state === "cancelled") {
    await close(context, "failed", `Training is ${run.state}`);
    return { share: 1, message: `Training is ${run.state}` };
  }
  if (run?.state !== "completed") {
    await driveRun(context, runId);
    return { share: 0.4, message: "Training at the three sites" };
  }

  const checkpoints = await listRunCheckpoints(context.db, runId);
  const initial = checkpoints.at(0)?.checkpointId;
  const last = checkpoints.at(-1)?.checkpointId;
  if (initial === undefined || last === undefined) throw new Error(`Run ${runId} has no checkpoint`);
  const validationRoundId =
    rows.validationRoundId ??
    (await openValidation(context, rows, { cohortId, checkpointIds: [initial, last] }));
  const validation = await findValidation(context.db, validationRoundId);
  if (validation?.state === "draft" || validation?.state === "running") {
    await context.queue.enqueue("run-validation", { validationRoundId });
    return { share: 0.85, message: "Validating the initial and the last checkpoint" };
  }
  const unexplained = await findUnexplained(context, { checkpointId: last, cohortId });
  if (unexplained.missing.length > 0) {
    await context.queue.enqueue("explain-checkpoint", { checkpointId: last, cohortId });
    return { share: 0.93, message: "Drawing saliency maps of the test images" };
  }
  if (!rows.hasReaderStudy) await openReaderStudy(context, rows, { cohortId, checkpointId: last });
  return undefined;
}

const adminOf = (rows: DemonstrationRows): string => {
  if (rows.adminId === undefined) throw new Error("The demonstration needs a platform administrator");
  return rows.adminId;
};

async function makeCohort(
  context: WorkerContext,
  rows: DemonstrationRows,
  signal: AbortSignal,
): Promise<string> {
  const { db, demonstration } = context;
  const wanted = new Set(demonstration.siteCodes);
  const sites = (await listActiveSites(db)).filter(({ code }) => wanted.has(code));
  await fillSites(context, sites, signal);
  const { cohortId } =
    rows.cohortId === undefined
      ? await createCohort(db, {
          actorId: adminOf(rows),
          name: names.cohort,
          purpose: purposeOf(context.dataset),
          siteIds: sites.map(({ siteId }) => siteId),
          fractions: demonstration.fractions,
          seed: demonstration.seed,
        })
      : { cohortId: rows.cohortId };
  await excludeCopies(context, { actorId: adminOf(rows), cohortId }, signal);
  await freezeCohort(db, { actorId: adminOf(rows), cohortId, at: context.now() });
  return cohortId;
}

/** mini-MIAS holds one woman twice: nobody is there to look at the pair, and the demonstration goes on without her copy. */
async function excludeCopies(
  context: WorkerContext,
  cohort: { actorId: string; cohortId: string },
  signal: AbortSignal,
): Promise<void> {
  await compareImages(context, signal);
  for (;;) {
    const leaks = await listCohortLeaks(context.db, cohort.cohortId);
    const blocking = leaks.find(({ isBlocking }) => isBlocking);
    if (blocking === undefined) return;
    await excludeFromCohort(context.db, {
      ...cohort,
      pairId: blocking.pairId,
      caseId: blocking.second.caseId,
      reason:
        "Left out of the demonstration: an image of this case shows what another patient's image shows.",
      at: context.now(),
    });
  }
}

async function launchRun(context: WorkerContext, rows: DemonstrationRows, cohortId: string): Promise<string> {
  const { db, demonstration } = context;
  const wanted = new Set(demonstration.siteCodes);
  const sites = (await listActiveSites(db)).filter(({ code }) => wanted.has(code));
  const { runId } = await createTrainingRun(db, {
    actorId: adminOf(rows),
    name: names.run,
    cohortId,
    siteIds: sites.map(({ siteId }) => siteId),
    plan: demonstration.training,
    initialCheckpointId: null,
  });
  return runId;
}

async function openValidation(
  context: WorkerContext,
  rows: DemonstrationRows,
  choice: { cohortId: string; checkpointIds: readonly string[] },
): Promise<string> {
  const { validationRoundId } = await createValidationRound(context.db, {
    actorId: adminOf(rows),
    name: names.validation,
    split: "internal-test",
    primaryMetric: "auc",
    operatingPoint: { rule: "youden" },
    ...choice,
  });
  return validationRoundId;
}

async function openReaderStudy(
  context: WorkerContext,
  rows: DemonstrationRows,
  choice: { cohortId: string; checkpointId: string },
): Promise<void> {
  const { db, demonstration } = context;
  await createReaderStudy(db, {
    name: names.readerStudy,
    ...choice,
    split: "internal-test",
    readerIds: rows.readerIds,
    caseLimit: demonstration.readerCaseLimit,
    seed: demonstration.seed,
    createdBy: adminOf(rows),
  });
}
