import { isBackgroundJobOpen } from "@crossread/db/background-job-writes";
import type { WorkerContext } from "../worker-context.ts";

export const demonstrationJobId = "prepare-demonstration";

/** The demonstration waits for work that others do; each of them tells it when they are done. */
export async function continueDemonstration(context: WorkerContext): Promise<void> {
  if (!(await isBackgroundJobOpen(context.db, demonstrationJobId))) return;
  // Always the same id: two at once would both make what is missing.
  await context.queue.enqueue("prepare-demonstration", {});
}
