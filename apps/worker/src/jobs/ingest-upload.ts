import type { JobPayload } from "@crossread/contracts/queues";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import { listPixelRules } from "@crossread/db/pixel-rules";
import { adoptStagedKeys, finishIngest, listStagedFiles } from "@crossread/db/staged-files";
import { loadSiteKey } from "@crossread/db/site-key";
import { countFiles } from "@crossread/db/uploads";
import type { JobContext, JobEnd } from "@crossread/queue/serve-queue";
import type { WorkerContext } from "../worker-context.ts";
import { inspectLane } from "./inspect-lane.ts";
import { removeSettledHeld } from "./remove-settled-held.ts";
import { createSettler } from "./settle-outcomes.ts";

type Upload = JobPayload<"ingest-upload">;

/**
 * Every staged file becomes rows, or a refusal with its reason; a staged file is deleted when that is written.
 * A turn takes so many files and goes behind what else waits, so that a large upload does not hold up a small one.
 */
export async function ingestUpload(context: WorkerContext, upload: Upload, job: JobContext): Promise<JobEnd> {
  const { db, ingest } = context;
  const { siteId, uploadId } = upload;
  const filter = { uploadId, limit: ingest.filesPerTurn };
  let files = await listStagedFiles(db, filter);
  if (files.length === 0 && (await adoptStaged(context, upload))) files = await listStagedFiles(db, filter);
  if (files.length === 0) return endIngest(context, upload);

  await openBackgroundJob(db, {
    jobId: jobIdOf(upload),
    kind: "ingest-upload",
    title: "Upload",
    entityKind: "upload",
    entityId: uploadId,
    siteId,
  });
  const siteKey = await loadSiteKey(db, siteId, context.masterKey);
  const pixelRules = await listPixelRules(db, siteId);
  const settler = createSettler(context, upload, () => showProgress(context, upload));
  const stop = new AbortController();
  const signal = AbortSignal.any([job.signal, stop.signal]);
  const run = { signal, siteId, siteKey, pixelRules, onOutcome: settler.add };
  // Some images take ten times as long as others: a lane that is through takes what is next.
  let taken = 0;
  const work = async (): Promise<void> => {
    while (taken < files.length) {
      const some = files.slice(taken, taken + filesAtATime);
      taken += some.length;
      await inspectLane(context, some, run);
    }
  };
  const laneCount = Math.min(ingest.laneCount, Math.ceil(files.length / filesAtATime));
  const ends = await Promise.allSettled(
    Array.from({ length: laneCount }, () =>
      ingest.lanes.use(work, signal).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    ),
  );
  // What was found before a failure is written down all the same.
  await settler.flush();
  job.signal.throwIfAborted();
  for (const end of ends) if (end.status === "rejected") throw stop.signal.reason;
  return "again";
}

/** What a lane's process looks at before it is asked again; it waits for that, and need not be started anew. */
const filesAtATime = 4;

const jobIdOf = ({ uploadId }: Upload): string => `ingest.${uploadId}`;

/** Files that came without rows get them; whether there were any. Blobs that a crash left behind go. */
async function adoptStaged(context: WorkerContext, { siteId, uploadId }: Upload): Promise<boolean> {
  const { db, store } = context;
  const keys = await store.list(`uploads/${siteId}/${uploadId}/`);
  if (keys.length === 0) return false;
  const { adoptedCount, settledKeys } = await adoptStagedKeys(db, { siteId, uploadId, keys });
  for (const key of settledKeys) await store.delete(key);
  return adoptedCount > 0;
}

async function showProgress(context: WorkerContext, upload: Upload): Promise<void> {
  const counts = await countFiles(context.db, upload.uploadId);
  const done = counts.accepted + counts.known + counts.refused + counts.held;
  const total = done + counts.staged + counts.receiving;
  await setBackgroundProgress(context.db, jobIdOf(upload), {
    progress: done / Math.max(1, total),
    message: `${done} of ${total} files`,
  });
}

async function endIngest(context: WorkerContext, upload: Upload): Promise<void> {
  const { db } = context;
  const at = context.now();
  await finishIngest(db, upload.uploadId, at);
  await removeSettledHeld(context);
  const { accepted, held, known, refused } = await countFiles(db, upload.uploadId);
  const heldText = held === 0 ? "" : `, ${held} held`;
  await closeBackgroundJob(db, jobIdOf(upload), {
    state: "completed",
    message: `${accepted} accepted, ${known} known already, ${refused} refused${heldText}`,
    at,
  });
}
