import type { JobPayload } from "@crossread/contracts/queues";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import { listCohortImages, type CohortImage } from "@crossread/db/cohort-images";
import { listExplained, storeSaliencyMap } from "@crossread/db/predictions";
import type { JobContext } from "@crossread/queue/serve-queue";
import type { WorkerContext } from "../worker-context.ts";
import { loadCheckpoint } from "./checkpoint-reference.ts";
import { continueDemonstration } from "./continue-demonstration.ts";
import { toImageReference } from "./image-references.ts";

const classLabel = "malignant";
const classIndex = 1;
const layer = "cbam";

/** Grad-CAM of the class "malignant" at the attention module, for every test image that has no map yet. */
export async function explainCheckpoint(
  context: WorkerContext,
  { checkpointId, cohortId }: JobPayload<"explain-checkpoint">,
  job: JobContext,
): Promise<void> {
  const { db } = context;
  const { images, missing } = await findUnexplained(context, { checkpointId, cohortId });
  if (missing.length === 0) return;
  const { blobKey, manifest, row } = await loadCheckpoint(context, checkpointId);
  const jobId = `explain.${checkpointId}.${cohortId}`;
  await openBackgroundJob(db, {
    jobId,
    kind: "explain-checkpoint",
    title: `Saliency maps of ${row.name}`,
    entityKind: "checkpoint",
    entityId: checkpointId,
  });
  let done = images.length - missing.length;
  const input = {
    engine: context.engine,
    checkpoint: { blobKey, manifest },
    classIndex,
    layer,
    images: missing.map(toImageReference),
  } as const;
  await context.children.useSlot(
    () =>
      context.children.run("explain", input, {
        signal: job.signal,
        onEvent: async ({ imageId, ...map }) => {
          await storeSaliencyMap(db, checkpointId, { instanceId: imageId, classLabel, layer, ...map });
          done += 1;
          if (done % 8 === 0) {
            await setBackgroundProgress(db, jobId, {
              progress: done / images.length,
              message: `${done} of ${images.length} images`,
            });
          }
        },
      }),
    job.signal,
  );
  await closeBackgroundJob(db, jobId, {
    state: "completed",
    message: `${images.length} images`,
    at: context.now(),
  });
  await continueDemonstration(context);
}

/** The cohort's test images, and those of them that have no map of this checkpoint yet. */
export async function findUnexplained(
  context: WorkerContext,
  { checkpointId, cohortId }: JobPayload<"explain-checkpoint">,
): Promise<{ images: CohortImage[]; missing: CohortImage[] }> {
  const images = await listCohortImages(context.db, {
    cohortId,
    splits: ["internal-test", "external-test"],
  });
  const instanceIds = images.map(({ instanceId }) => instanceId);
  const explained = await listExplained(context.db, { checkpointId, classLabel, layer, instanceIds });
  return { images, missing: images.filter(({ instanceId }) => !explained.has(instanceId)) };
}
