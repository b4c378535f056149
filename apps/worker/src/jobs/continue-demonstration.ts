import { isBackgroundJobOpen } from "@crossread/db/background-job-writes";
import type { WorkerContext } from "../worker-context.ts";

export const demonstrationJobId = "prepare-demonstration";

/** The demonstration waits for work that others do; each of them tells it when they are done. */
export async function continueDemonstration(context: WorkerContext, after: string): Promise<void> {
  if (!(await isBackgroundJobOpen(context.db, demonstrationJobId))) return;
  await context.queue.enqueue("prepare-demonstration", {}, { generation: `after-${after}` });
}
