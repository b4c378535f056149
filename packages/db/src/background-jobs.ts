import type { Database } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export async function isDatabaseReachable(db: Database): Promise<boolean> {
  try {
    await db.$queryRaw`select 1`;
    return true;
  } catch {
    return false;
  }
}

export type JobState =
  "queued" | "preparing" | "running" | "cancelling" | "cancelled" | "completed" | "failed";

export interface JobRow {
  readonly jobId: string;
  readonly kind: string;
  readonly title: string;
  readonly state: JobState;
  /** In [0, 1]. */
  readonly progress: number;
  readonly message: string;
  readonly entityKind: string | null;
  readonly entityId: string | null;
  readonly siteId: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** Platform jobs belong to nobody's data; a site's jobs are for those who hold a role there. */
const whereJob = (scope: SiteScope) =>
  scope === "all" ? {} : { OR: [{ siteId: null }, { siteId: whereSite(scope) }] };

/** Unfinished jobs and those that finished in the last ten minutes, newest first. */
export async function listCurrentJobs(
  db: Database,
  filter: { scope: SiteScope; now: Date; limit: number },
): Promise<JobRow[]> {
  const recently = new Date(filter.now.getTime() - 10 * 60_000);
  const jobs = await db.backgroundJob.findMany({
    where: {
      AND: [whereJob(filter.scope), { OR: [{ finishedAt: null }, { finishedAt: { gt: recently } }] }],
    },
    orderBy: { createdAt: "desc" },
    take: filter.limit,
  });
  return jobs.map(({ id, ...job }) => ({ jobId: id, ...job }));
}

export async function listJobs(
  db: Database,
  filter: { scope: SiteScope; offset: number; pageSize: number },
): Promise<{ rows: JobRow[]; totalCount: number }> {
  const where = whereJob(filter.scope);
  const [totalCount, jobs] = await Promise.all([
    db.backgroundJob.count({ where }),
    db.backgroundJob.findMany({
      where,
      orderBy: { createdAt: "desc" },
      skip: filter.offset,
      take: filter.pageSize,
    }),
  ]);
  return { totalCount, rows: jobs.map(({ id, ...job }) => ({ jobId: id, ...job })) };
}

export interface WorkerNodeRow {
  readonly nodeId: string;
  readonly engine: string;
  readonly queues: readonly string[];
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly silentMs: number;
}

export async function listWorkerNodes(db: Database, now: Date): Promise<WorkerNodeRow[]> {
  const nodes = await db.workerNode.findMany({ orderBy: { lastSeenAt: "desc" }, take: 100 });
  return nodes.map(({ id, ...node }) => ({
    nodeId: id,
    ...node,
    silentMs: Math.max(0, now.getTime() - node.lastSeenAt.getTime()),
  }));
}

export interface StorageUse {
  readonly instanceCount: number;
  readonly instanceBytes: number;
  readonly checkpointCount: number;
  readonly updateCount: number;
  readonly mapCount: number;
  readonly databaseBytes: number;
}

export async function loadStorageUse(db: Database): Promise<StorageUse> {
  const [instances, checkpointCount, updateCount, mapCount, size] = await Promise.all([
    db.instance.aggregate({ _count: true, _sum: { sizeBytes: true } }),
    db.checkpoint.count(),
    db.siteUpdate.count({ where: { blobKey: { not: null } } }),
    db.saliencyMap.count(),
    db.$queryRaw<{ bytes: bigint }[]>`select pg_database_size(current_database()) as bytes`,
  ]);
  return {
    instanceCount: instances._count,
    instanceBytes: instances._sum.sizeBytes ?? 0,
    checkpointCount,
    updateCount,
    mapCount,
    databaseBytes: Number(size[0]?.bytes ?? 0n),
  };
}
