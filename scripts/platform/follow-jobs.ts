import { openDatabase } from "@crossread/db/database";

const intervalMs = 2_000;

/** Prints what background work does, one line a change; returns the way to stop. */
export async function followBackgroundJobs(databaseUrl: string): Promise<() => Promise<void>> {
  const db = openDatabase(databaseUrl);
  const printed = new Map<string, string>();
  const look = async () => {
    const jobs = await db.backgroundJob.findMany({ orderBy: { createdAt: "asc" }, take: 50 });
    for (const job of jobs) {
      const isOver = job.finishedAt !== null;
      const percent = Math.floor(job.progress * 10) * 10;
      // Counts in the message move on every look; a line for each would bury the steps.
      const key = isOver ? job.state : `${percent}|${job.message.replaceAll(/\d+ of/g, "")}`;
      const known = printed.get(job.id);
      if (known === key || (known === undefined && isOver && printed.size === 0)) continue;
      printed.set(job.id, key);
      console.log(`  ${job.title}: ${isOver ? job.state : `${percent} %`} ${job.message}`.trimEnd());
    }
  };
  let current: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    current = current.then(look).catch(() => undefined);
  }, intervalMs);
  return async () => {
    clearInterval(timer);
    await current;
    await db.$disconnect();
  };
}
