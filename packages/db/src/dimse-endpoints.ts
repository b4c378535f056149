import type { DimseEndpoint } from "@crossread/contracts/dimse-endpoint";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { isUniqueViolation } from "./unique-violation.ts";

const endpointSelect = {
  aeTitle: true,
  isEnabled: true,
  peers: { select: { aeTitle: true, address: true }, orderBy: { aeTitle: "asc" } },
} as const;

export async function findDimseEndpoint(db: Database, siteId: string): Promise<DimseEndpoint | undefined> {
  const endpoint = await db.dimseEndpoint.findUnique({ where: { siteId }, select: endpointSelect });
  return endpoint ?? undefined;
}

/** The site behind a called AE title, with whom it lets call; undefined where nobody may. */
export async function findCalledSite(
  db: Database,
  aeTitle: string,
): Promise<{ siteId: string; peers: DimseEndpoint["peers"] } | undefined> {
  const endpoint = await db.dimseEndpoint.findFirst({
    where: { aeTitle, isEnabled: true, site: { isActive: true } },
    select: { siteId: true, peers: endpointSelect.peers },
  });
  return endpoint ?? undefined;
}

/** Replaces AE title and peers of a site. */
export async function saveDimseEndpoint(
  db: Database,
  change: { siteId: string; actorId: string; endpoint: DimseEndpoint; at: Date },
): Promise<void> {
  const { actorId, at, endpoint, siteId } = change;
  const { aeTitle, isEnabled, peers } = endpoint;
  await db.$transaction(async (tx) => {
    const columns = { aeTitle, isEnabled, updatedAt: at };
    await tx.dimseEndpoint
      .upsert({ where: { siteId }, create: { siteId, ...columns }, update: columns })
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw new DomainError("conflict", `Another site has the AE title ${aeTitle} already.`, {
          cause: error,
        });
      });
    await tx.dimsePeer.deleteMany({ where: { siteId } });
    await tx.dimsePeer.createMany({
      data: peers.map((peer) => ({ siteId, ...peer })),
      skipDuplicates: true,
    });
    await appendAudit(tx, {
      actorId,
      siteId,
      action: "dimse-endpoint.save",
      entityKind: "site",
      entityId: siteId,
      details: { aeTitle, isEnabled, peers: peers.map((peer) => ({ ...peer })) },
    });
  });
}
