import type { JobPayload } from "@crossread/contracts/queues";
import {
  closeBackgroundJob,
  openBackgroundJob,
  setBackgroundProgress,
} from "@crossread/db/background-job-writes";
import { recordRefusedFile, resolveRefusedFile, storeInstance } from "@crossread/db/ingest";
import type { JobContext } from "@crossread/queue/serve-queue";
import type { FileOutcome } from "../tasks/file-outcome.ts";
import type { WorkerContext } from "../worker-context.ts";

/** Every staged file becomes rows, or a refusal with its reason; a staged file is deleted when that is written. */
export async function ingestUpload(
  context: WorkerContext,
  { siteId, uploadId }: JobPayload<"ingest-upload">,
  job: JobContext,
): Promise<void> {
  const { db, store } = context;
  const jobId = `ingest.${uploadId}`;
  let keys = await listStaged(context, { siteId, uploadId });
  if (keys.length === 0) return;
  await openBackgroundJob(db, {
    jobId,
    kind: "ingest-upload",
    title: "Upload",
    entityKind: "upload",
    entityId: uploadId,
    siteId,
  });
  const counts = { accepted: 0, known: 0, refused: 0 };
  // Files may still arrive while the first ones are looked at.
  while (keys.length > 0) {
    const total = counts.accepted + counts.known + counts.refused + keys.length;
    await context.children.run(
      "inspect-files",
      { keys },
      {
        signal: job.signal,
        onEvent: async ({ key, outcome }) => {
          counts[await storeOutcome(context, siteId, outcome)] += 1;
          await store.delete(key);
          const done = counts.accepted + counts.known + counts.refused;
          await setBackgroundProgress(db, jobId, {
            progress: done / total,
            message: `${done} of ${total} files`,
          });
        },
      },
    );
    keys = await listStaged(context, { siteId, uploadId });
  }
  await closeBackgroundJob(db, jobId, {
    state: "completed",
    message: `${counts.accepted} accepted, ${counts.known} known already, ${counts.refused} refused`,
    at: context.now(),
  });
}

async function storeOutcome(
  context: WorkerContext,
  siteId: string,
  outcome: FileOutcome,
): Promise<"accepted" | "known" | "refused"> {
  const { db } = context;
  if (!outcome.ok) {
    const { ok: _, ...refusal } = outcome;
    await recordRefusedFile(db, { siteId, ...refusal });
    return "refused";
  }
  const { file } = outcome;
  const stored = await storeInstance(db, siteId, file);
  if (!stored.ok) {
    const { message, remedy } = stored;
    const { sha256, sizeBytes } = file;
    await recordRefusedFile(db, { siteId, sha256, sizeBytes, code: "conflict", message, remedy });
    return "refused";
  }
  await resolveRefusedFile(db, { siteId, sha256: file.sha256, at: context.now() });
  return stored.isNew ? "accepted" : "known";
}

const listStaged = (
  context: WorkerContext,
  upload: { siteId: string; uploadId: string },
): Promise<string[]> => context.store.list(`uploads/${upload.siteId}/${upload.uploadId}/`);
