import type { Database } from "./database.ts";

export interface WorkerNodeBeat {
  readonly nodeId: string;
  readonly engine: string;
  readonly queues: readonly string[];
  readonly startedAt: Date;
  readonly at: Date;
}

export async function beatWorkerNode(db: Database, beat: WorkerNodeBeat): Promise<void> {
  const row = {
    engine: beat.engine,
    queues: [...beat.queues],
    startedAt: beat.startedAt,
    lastSeenAt: beat.at,
  };
  await db.workerNode.upsert({
    where: { id: beat.nodeId },
    create: { id: beat.nodeId, ...row },
    update: row,
  });
}

export async function removeWorkerNode(db: Database, nodeId: string): Promise<void> {
  await db.workerNode.deleteMany({ where: { id: nodeId } });
}

/** A node's id begins with the name of its host. */
export async function hasLiveNode(
  db: Database,
  wanted: { seenSince: Date; host?: string },
): Promise<boolean> {
  const nodes = await db.workerNode.count({
    where: {
      lastSeenAt: { gte: wanted.seenSince },
      ...(wanted.host === undefined ? {} : { id: { startsWith: `${wanted.host}-` } }),
    },
  });
  return nodes > 0;
}

/** Nodes that were killed leave their row behind. */
export async function forgetSilentNodes(db: Database, silentSince: Date): Promise<void> {
  await db.workerNode.deleteMany({ where: { lastSeenAt: { lt: silentSince } } });
}

export async function listActiveSites(
  db: Database,
): Promise<{ siteId: string; code: string; name: string }[]> {
  const sites = await db.site.findMany({
    where: { isActive: true },
    orderBy: { code: "asc" },
    select: { id: true, code: true, name: true },
  });
  return sites.map(({ id, ...site }) => ({ siteId: id, ...site }));
}
