import type { EvaluationLevel } from "@crossread/contracts/evaluation-report";
import type { OperatingPointRule } from "@crossread/contracts/operating-point";
import type { JobPayload } from "@crossread/contracts/queues";
import type { Split } from "@crossread/contracts/split";
import { listCohortImages, loadFrozenCohort, type CohortImage } from "@crossread/db/cohort-images";
import { storeEvaluations } from "@crossread/db/evaluations-write";
import { listPredictions, storePredictions } from "@crossread/db/predictions";
import { completeRound, findRound } from "@crossread/db/round-state";
import { findRun } from "@crossread/db/run-state";
import type { JobContext } from "@crossread/queue/serve-queue";
import { chooseThreshold, reportOf, toBreastScores, type BreastScore } from "../evaluation/breast-report.ts";
import type { WorkerContext } from "../worker-context.ts";
import { loadCheckpoint } from "./checkpoint-reference.ts";
import { continueDemonstration } from "./continue-demonstration.ts";
import { driveRun } from "./drive-run.ts";
import { toImageReference } from "./image-references.ts";
import { deadlineOf, showRound } from "./run-progress.ts";

/** Scores a checkpoint on tuning and test images, reports per site and pooled, and lets the waiting round go on. */
export async function evaluateCheckpoint(
  context: WorkerContext,
  payload: JobPayload<"evaluate-checkpoint">,
  job: JobContext,
): Promise<void> {
  const { checkpointId, cohortId, roundId } = payload;
  const round = roundId === null ? undefined : await findRound(context.db, roundId);
  const run = round === undefined ? undefined : await findRun(context.db, round.runId);
  if (roundId !== null && (round?.state !== "evaluating" || run?.state !== "running")) return;
  if (round !== undefined && run !== undefined) {
    await showRound(context, run, { number: round.number, stage: "evaluating" });
  }
  await evaluateOn(
    context,
    { checkpointId, cohortId, split: "internal-test", rule: { rule: "youden" } },
    job.signal,
  );
  if (round === undefined || run === undefined) return;
  const at = context.now();
  const isLast = round.number >= run.plan.rounds;
  const isMine = await completeRound(context.db, {
    roundId: round.roundId,
    runId: run.runId,
    at,
    ...(isLast
      ? {}
      : {
          next: {
            number: round.number + 1,
            baseCheckpointId: checkpointId,
            deadlineAt: deadlineOf(run, at),
          },
        }),
  });
  if (isMine && isLast) {
    await context.queue.enqueue("explain-checkpoint", { checkpointId, cohortId });
    await continueDemonstration(context);
  }
  await driveRun(context, run.runId);
}

export interface EvaluationTarget {
  readonly checkpointId: string;
  readonly cohortId: string;
  readonly split: Split;
  readonly rule: OperatingPointRule;
}

const level: EvaluationLevel = "breast";

/** The threshold is chosen on the tuning images of all sites together, before the test images are looked at. */
export async function evaluateOn(
  context: WorkerContext,
  target: EvaluationTarget,
  signal: AbortSignal,
): Promise<void> {
  const { checkpointId, cohortId, rule, split } = target;
  const cohort = await loadFrozenCohort(context.db, cohortId);
  const images = await listCohortImages(context.db, { cohortId, splits: ["tuning", split] });
  const scores = await scoreImages(context, { checkpointId, images }, signal);
  const breasts = toBreastScores(images.map((image) => ({ ...image, score: scores.get(image.instanceId) })));
  const operatingPoint = chooseThreshold(
    breasts.filter((breast) => breast.split === "tuning"),
    rule,
  );
  const tested = breasts.filter((breast) => breast.split === split);
  const bySite = new Map<string | null, BreastScore[]>([[null, tested]]);
  for (const breast of tested) {
    const ofSite = bySite.get(breast.siteId);
    if (ofSite === undefined) bySite.set(breast.siteId, [breast]);
    else ofSite.push(breast);
  }
  const evaluations = [...bySite].flatMap(([siteId, ofSite]) => {
    const report = reportOf(ofSite, { level, operatingPoint, seed: cohort.seed });
    return report === undefined ? [] : [{ siteId, report }];
  });
  await storeEvaluations(context.db, { checkpointId, cohortId, split }, evaluations);
}

/** Scores that are there already are taken; the others are computed and kept batch by batch. */
async function scoreImages(
  context: WorkerContext,
  wanted: { checkpointId: string; images: readonly CohortImage[] },
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const { checkpointId, images } = wanted;
  const instanceIds = images.map(({ instanceId }) => instanceId);
  const known = await listPredictions(context.db, checkpointId, instanceIds);
  const scores = new Map(known.map(({ instanceId, score }) => [instanceId, score]));
  const missing = images.filter(({ instanceId }) => !scores.has(instanceId));
  if (missing.length === 0) return scores;
  const { blobKey, manifest } = await loadCheckpoint(context, checkpointId);
  const input = {
    engine: context.engine,
    checkpoint: { blobKey, manifest },
    images: missing.map(toImageReference),
  };
  await context.children.useSlot(
    () =>
      context.children.run("predict", input, {
        signal,
        onEvent: async (batch) => {
          const rows = batch.map(({ imageId, score }) => ({ instanceId: imageId, score }));
          await storePredictions(context.db, checkpointId, rows);
          for (const { instanceId, score } of rows) scores.set(instanceId, score);
        },
      }),
    signal,
  );
  return scores;
}
