import { errorCodes, isDomainError } from "@crossread/contracts/errors";
import type { JobPayload } from "@crossread/contracts/queues";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import {
  claimValidation,
  failValidation,
  findValidation,
  finishValidation,
  type ValidationRow,
} from "@crossread/db/validation-state";
import type { JobContext } from "@crossread/queue/serve-queue";
import type { WorkerContext } from "../worker-context.ts";
import { continueDemonstration } from "./continue-demonstration.ts";
import { evaluateOn } from "./evaluate-checkpoint.ts";

/** draft → running → reading: every checkpoint of the round at its operating point, then the maps. */
export async function runValidation(
  context: WorkerContext,
  { validationRoundId }: JobPayload<"run-validation">,
  job: JobContext,
): Promise<void> {
  const { db } = context;
  if (!(await claimValidation(db, validationRoundId, context.now()))) return;
  const jobId = `validation.${validationRoundId}`;
  try {
    const validation = await findValidation(db, validationRoundId);
    if (validation === undefined) return;
    await openBackgroundJob(db, {
      jobId,
      kind: "run-validation",
      title: validation.name,
      entityKind: "validation-round",
      entityId: validationRoundId,
    });
    await evaluateAll(context, { validation, jobId }, job.signal);
    await finishValidation(db, validationRoundId);
    await closeBackgroundJob(db, jobId, {
      state: "completed",
      message: `${validation.checkpointIds.length} checkpoints`,
      at: context.now(),
    });
    await continueDemonstration(context);
  } catch (error) {
    if (!isDomainError(error) || errorCodes[error.code].retryable) throw error;
    await failValidation(db, validationRoundId, error.message);
    await closeBackgroundJob(db, jobId, { state: "failed", message: error.message, at: context.now() });
  }
}

async function evaluateAll(
  context: WorkerContext,
  { jobId, validation }: { jobId: string; validation: ValidationRow },
  signal: AbortSignal,
): Promise<void> {
  const { checkpointIds, cohortId, operatingPoint, split } = validation;
  for (const [index, checkpointId] of checkpointIds.entries()) {
    await setBackgroundProgress(context.db, jobId, {
      progress: index / checkpointIds.length,
      message: `Checkpoint ${index + 1} of ${checkpointIds.length}`,
    });
    await evaluateOn(context, { checkpointId, cohortId, split, rule: operatingPoint }, signal);
    await context.queue.enqueue("explain-checkpoint", { checkpointId, cohortId });
  }
}
