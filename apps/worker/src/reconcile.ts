import { partPrefix } from "@crossread/contracts/upload";
import { countUncompared } from "@crossread/db/image-comparison";
import { listUnanalysedStudies } from "@crossread/db/reader-study-results";
import { listUnexplainedAids } from "@crossread/db/reader-studies";
import { extendDeadlines } from "@crossread/db/round-state";
import { listRuns } from "@crossread/db/run-state";
import { forgetUnfinishedFiles, listWaitingUploads } from "@crossread/db/staged-files";
import { listRunningValidations } from "@crossread/db/validation-state";
import { hasLiveNode, forgetSilentNodes } from "@crossread/db/worker-nodes";
import { z } from "zod";
import { continueDemonstration } from "./jobs/continue-demonstration.ts";
import { driveRun } from "./jobs/drive-run.ts";
import { removeAllLooseHeld, removeSettledHeld } from "./jobs/remove-settled-held.ts";
import type { WorkerContext } from "./worker-context.ts";

const silentAfterMs = 60_000;

/** Adds again what rows are waiting for and no queue holds: after a crash, and now and then. */
export async function reconcile(context: WorkerContext, when: { isStart: boolean }): Promise<void> {
  const { db, queue } = context;
  await forgetSilentNodes(db, new Date(context.now().getTime() - 10 * silentAfterMs));
  for (const run of await listRuns(db, ["queued", "preparing", "running", "cancelling"])) {
    await driveRun(context, run.runId);
  }
  // Told while it was just ending, the demonstration would wait for ever.
  await continueDemonstration(context);
  // A finished sender or a staged file whose job was just ending, or whose worker died.
  for (const upload of await listWaitingUploads(db)) await queue.enqueue("ingest-upload", upload);
  await removeForgottenParts(context);
  await removeSettledHeld(context);
  if ((await countUncompared(db)) > 0) await queue.enqueue("compare-images", {});
  for (const readerStudyId of await listUnanalysedStudies(db)) {
    await queue.enqueue("analyse-reader-study", { readerStudyId });
  }
  if (!when.isStart) return;
  for (const validationRoundId of await listRunningValidations(db)) {
    await queue.enqueue("run-validation", { validationRoundId });
  }
  // No reading is locked without maps, and an older release did not ask for those of every study.
  for (const aid of await listUnexplainedAids(db)) await queue.enqueue("explain-checkpoint", aid);
  await enqueueStagedUploads(context);
  await removeAllLooseHeld(context);
}

const stagedKeySchema = z.tuple([z.literal("uploads"), z.uuid(), z.uuid()]);

async function enqueueStagedUploads(context: WorkerContext): Promise<void> {
  const uploads = new Map<string, { siteId: string; uploadId: string }>();
  for (const key of await context.store.list("uploads/")) {
    const parsed = stagedKeySchema.safeParse(key.split("/").slice(0, 3));
    if (!parsed.success) continue;
    const [, siteId, uploadId] = parsed.data;
    uploads.set(uploadId, { siteId, uploadId });
  }
  for (const upload of uploads.values()) await context.queue.enqueue("ingest-upload", upload);
}

const partsKeptMs = 7 * 24 * 3_600_000;

/** Half-sent files wait a week for their sender to come back. */
async function removeForgottenParts(context: WorkerContext): Promise<void> {
  const { db, store } = context;
  const untouchedSince = new Date(context.now().getTime() - partsKeptMs);
  for (const file of await forgetUnfinishedFiles(db, { untouchedSince, limit: 200 })) {
    for (const key of await store.list(partPrefix(file))) await store.delete(key);
  }
}

/** People cancel; whoever trains notices that its claim is gone and stops. */
export async function cancelRuns(context: WorkerContext): Promise<void> {
  for (const run of await listRuns(context.db, ["cancelling"])) await driveRun(context, run.runId);
}

/** While no worker was there, no site could deliver: the time that the platform itself was away does not count. */
export async function extendOverdueRounds(context: WorkerContext): Promise<void> {
  const at = context.now();
  if (await hasLiveNode(context.db, { seenSince: new Date(at.getTime() - silentAfterMs) })) return;
  for (const run of await listRuns(context.db, ["running"])) {
    const deadlineAt = new Date(at.getTime() + run.plan.roundDeadlineMinutes * 60_000);
    await extendDeadlines(context.db, { runId: run.runId, overdueAt: at, deadlineAt });
  }
}
