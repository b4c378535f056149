import type { Database } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

/** Images that were stored before the platform kept their SOP class. */
export async function listInstancesWithoutSopClass(
  db: Database,
  asked: { scope: SiteScope; without: readonly string[]; limit: number },
): Promise<{ instanceId: string; blobKey: string }[]> {
  const rows = await db.instance.findMany({
    where: { sopClassUid: null, siteId: whereSite(asked.scope), id: { notIn: [...asked.without] } },
    orderBy: { id: "desc" },
    take: asked.limit,
    select: { id: true, blobKey: true },
  });
  return rows.map(({ id, blobKey }) => ({ instanceId: id, blobKey }));
}

export const countInstancesWithoutSopClass = (db: Database, scope: SiteScope): Promise<number> =>
  db.instance.count({ where: { sopClassUid: null, siteId: whereSite(scope) } });

export async function saveSopClass(db: Database, instanceId: string, sopClassUid: string): Promise<void> {
  await db.instance.updateMany({ where: { id: instanceId, sopClassUid: null }, data: { sopClassUid } });
}
