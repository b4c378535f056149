import type { Database } from "./database.ts";
import type { RunState } from "./generated/enums.ts";

export interface NewBackgroundJob {
  readonly jobId: string;
  readonly kind: string;
  readonly title: string;
  readonly entityKind?: string;
  readonly entityId?: string;
  readonly siteId?: string;
}

/** Shows a piece of long work; a repetition takes the row over and keeps its progress. */
export async function openBackgroundJob(db: Database, job: NewBackgroundJob): Promise<void> {
  const { jobId, ...shown } = job;
  await db.backgroundJob.upsert({
    where: { id: jobId },
    create: { id: jobId, ...shown, state: "running" },
    update: { ...shown, state: "running", finishedAt: null },
  });
}

export async function setBackgroundProgress(
  db: Database,
  jobId: string,
  shown: { progress: number; message: string },
): Promise<void> {
  const progress = Math.min(1, Math.max(0, shown.progress));
  await db.backgroundJob.updateMany({
    where: { id: jobId, finishedAt: null },
    data: { progress, message: shown.message },
  });
}

export interface BackgroundJobEnd {
  readonly state: Extract<RunState, "completed" | "failed" | "cancelled">;
  readonly message: string;
  readonly at: Date;
}

export async function closeBackgroundJob(db: Database, jobId: string, end: BackgroundJobEnd): Promise<void> {
  await db.backgroundJob.updateMany({
    where: { id: jobId, finishedAt: null },
    data: {
      state: end.state,
      message: end.message,
      finishedAt: end.at,
      ...(end.state === "completed" ? { progress: 1 } : {}),
    },
  });
}

export async function isBackgroundJobOpen(db: Database, jobId: string): Promise<boolean> {
  return (await db.backgroundJob.count({ where: { id: jobId, finishedAt: null } })) === 1;
}
