/** What a site may have kept of files that wait for a decision, so that undecided ones do not fill the disk. */
import type { Database, Transaction } from "./database.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface HeldFiles {
  readonly siteId: string;
  readonly siteName: string;
  readonly fileCount: number;
  /** As the files came in. */
  readonly sizeBytes: number;
}

/** By site, of those that have any. */
export async function sumHeldFiles(
  db: Database,
  filter: { readonly scope: SiteScope; readonly siteId?: string | undefined },
): Promise<HeldFiles[]> {
  const sums = await db.uploadFile.groupBy({
    by: ["siteId"],
    where: {
      AND: [
        { siteId: whereSite(filter.scope) },
        filter.siteId === undefined ? {} : { siteId: filter.siteId },
      ],
      ...isKept,
    },
    _count: true,
    _sum: { sizeBytes: true },
  });
  const sites = await db.site.findMany({
    where: { id: { in: sums.map(({ siteId }) => siteId) } },
    orderBy: { name: "asc" },
    select: { id: true, name: true },
  });
  return sites.flatMap(({ id, name }) => {
    const sum = sums.find(({ siteId }) => siteId === id);
    return sum === undefined
      ? []
      : [{ siteId: id, siteName: name, fileCount: sum._count, sizeBytes: sum._sum.sizeBytes ?? 0 }];
  });
}

/** What is kept for a file goes when it has been taken in or left out. */
const isKept = { held: { isNot: null }, state: { in: ["held" as const, "staged" as const] } };

export interface HeldRoom {
  /** False where the file finds no place; one always does where nothing else is kept. */
  take(sizeBytes: number): boolean;
}

/** The room that the site has left; nobody else takes of it until the transaction ends. */
export async function openHeldRoom(tx: Transaction, siteId: string, limitBytes: number): Promise<HeldRoom> {
  await tx.$executeRaw`select 1 from sites where id = ${siteId}::uuid for no key update`;
  const sum = await tx.uploadFile.aggregate({ where: { siteId, ...isKept }, _sum: { sizeBytes: true } });
  let takenBytes = sum._sum.sizeBytes ?? 0;
  return {
    take(sizeBytes) {
      if (takenBytes > 0 && takenBytes + sizeBytes > limitBytes) return false;
      takenBytes += sizeBytes;
      return true;
    },
  };
}

export const heldQuotaRefusal = (sha256: string, limitBytes: number) => ({
  code: "held-quota",
  message: `Files of a site that wait for a decision about their pixels may take ${mebibytes(limitBytes)}, and file ${sha256.slice(0, 8)}, which may hold text, is beyond that.`,
  remedy: "Decide about the files that are held, or dismiss them, then send this file again.",
});

const mebibytes = (sizeBytes: number): string => `${Math.round(sizeBytes / 2 ** 20)} MiB`;
