import type { JobPayload } from "@crossread/contracts/queues";
import type { Split } from "@crossread/contracts/split";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import { listCohortImages, type CohortImage } from "@crossread/db/cohort-images";
import { listExplained, storeSaliencyMap } from "@crossread/db/predictions";
import { listReadSplits } from "@crossread/db/reader-studies";
import type { JobContext } from "@crossread/queue/serve-queue";
import type { WorkerContext } from "../worker-context.ts";
import { loadCheckpoint } from "./checkpoint-reference.ts";
import { continueDemonstration } from "./continue-demonstration.ts";
import { toImageReference } from "./image-references.ts";

/** "malignant" first: its maps are what readers wait for. */
const classes = [
  { classLabel: "malignant", classIndex: 1 },
  { classLabel: "benign", classIndex: 0 },
] as const;
type ClassLabel = (typeof classes)[number]["classLabel"];
const layer = "cbam";

/** Grad-CAM of each class at the attention module, for every image that wants a map and has none yet. */
export async function explainCheckpoint(
  context: WorkerContext,
  target: JobPayload<"explain-checkpoint">,
  job: JobContext,
): Promise<void> {
  const { db } = context;
  const { checkpointId, cohortId } = target;
  const work = [];
  for (const each of classes) {
    work.push({ ...each, ...(await findUnexplained(context, { ...target, classLabel: each.classLabel })) });
  }
  if (work.every(({ missing }) => missing.length === 0)) return;
  const { blobKey, manifest, row } = await loadCheckpoint(context, checkpointId);
  const jobId = `explain.${checkpointId}.${cohortId}`;
  await openBackgroundJob(db, {
    jobId,
    kind: "explain-checkpoint",
    title: `Saliency maps of ${row.name}`,
    entityKind: "checkpoint",
    entityId: checkpointId,
  });
  const total = work.reduce((sum, { images }) => sum + images.length, 0);
  let done = total - work.reduce((sum, { missing }) => sum + missing.length, 0);
  for (const { classLabel, classIndex, missing } of work) {
    const input = {
      engine: context.engine,
      checkpoint: { blobKey, manifest },
      classIndex,
      layer,
      images: missing.map(toImageReference),
    } as const;
    if (missing.length > 0) {
      await context.children.useSlot(
        () =>
          context.children.run("explain", input, {
            signal: job.signal,
            onEvent: async ({ imageId, ...map }) => {
              await storeSaliencyMap(db, checkpointId, { instanceId: imageId, classLabel, layer, ...map });
              done += 1;
              if (done % 8 === 0) {
                await setBackgroundProgress(db, jobId, {
                  progress: done / total,
                  message: `${done} of ${total} maps`,
                });
              }
            },
          }),
        job.signal,
      );
    }
    if (classLabel === "malignant") await continueDemonstration(context);
  }
  await closeBackgroundJob(db, jobId, {
    state: "completed",
    message: `${total} maps`,
    at: context.now(),
  });
}

/**
 * The cohort's images of the test and of what people read with the checkpoint's aid, and those of them that have no map of
 * this checkpoint and class yet.
 */
export async function findUnexplained(
  context: WorkerContext,
  query: JobPayload<"explain-checkpoint"> & { readonly classLabel?: ClassLabel },
): Promise<{ images: CohortImage[]; missing: CohortImage[] }> {
  const { checkpointId, cohortId, classLabel = "malignant" } = query;
  const read = await listReadSplits(context.db, { checkpointId, cohortId });
  const splits = [...new Set<Split>(["internal-test", "external-test", ...read])];
  const images = await listCohortImages(context.db, { cohortId, splits });
  const instanceIds = images.map(({ instanceId }) => instanceId);
  const explained = await listExplained(context.db, { checkpointId, classLabel, layer, instanceIds });
  return { images, missing: images.filter(({ instanceId }) => !explained.has(instanceId)) };
}
