import type { CopyTransform } from "@crossread/contracts/copy-transform";
import type { Database } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

export interface UnfingerprintedImage {
  readonly instanceId: string;
  readonly blobKey: string;
  readonly sha256: string;
}

/** Images without a fingerprint of the current kind, which its text begins with. */
export async function listUnfingerprinted(
  db: Database,
  wanted: { readonly prefix: string; readonly limit: number },
): Promise<UnfingerprintedImage[]> {
  const rows = await db.instance.findMany({
    where: { OR: [{ perceptualHash: null }, { NOT: { perceptualHash: { startsWith: wanted.prefix } } }] },
    orderBy: { id: "asc" },
    take: wanted.limit,
    select: { id: true, blobKey: true, sha256: true },
  });
  return rows.map(({ id, ...image }) => ({ instanceId: id, ...image }));
}

/** A new fingerprint has still to be compared. */
export async function storeFingerprint(
  db: Database,
  stored: { readonly instanceId: string; readonly fingerprint: string },
): Promise<void> {
  await db.instance.update({
    where: { id: stored.instanceId },
    data: { perceptualHash: stored.fingerprint, comparedAt: null },
  });
}

export async function listFingerprintedIds(db: Database): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM instances WHERE perceptual_hash IS NOT NULL ORDER BY id`;
  return rows.map(({ id }) => id);
}

export interface ComparableImage {
  readonly instanceId: string;
  readonly subjectId: string;
  readonly sha256: string;
  readonly fingerprint: string;
}

export async function loadComparable(
  db: Database,
  instanceIds: readonly string[],
): Promise<ComparableImage[]> {
  const rows = await db.instance.findMany({
    where: { id: { in: [...instanceIds] } },
    orderBy: { id: "asc" },
    select: { id: true, sha256: true, perceptualHash: true, case: { select: { subjectId: true } } },
  });
  return rows.flatMap(({ id, perceptualHash, sha256, case: { subjectId } }) =>
    perceptualHash === null ? [] : [{ instanceId: id, subjectId, sha256, fingerprint: perceptualHash }],
  );
}

export async function listUncompared(db: Database, limit: number): Promise<string[]> {
  const rows = await db.instance.findMany({
    where: { comparedAt: null },
    orderBy: { id: "asc" },
    take: limit,
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

export const countUncompared = (db: Database): Promise<number> =>
  db.instance.count({ where: { comparedAt: null } });

export interface FoundPair {
  readonly firstInstanceId: string;
  readonly secondInstanceId: string;
  readonly kind: "exact" | "near";
  readonly score: number;
  readonly transform: CopyTransform;
}

/** What one image was found to share with others; found again from the other side, a pair stays one row. */
export async function recordComparison(
  db: Database,
  compared: { readonly instanceId: string; readonly pairs: readonly FoundPair[]; readonly at: Date },
): Promise<void> {
  await db.$transaction([
    db.imagePair.createMany({
      data: compared.pairs.map(({ transform, ...pair }) => ({
        ...pair,
        transform: toJsonColumn(transform),
        foundAt: compared.at,
      })),
      skipDuplicates: true,
    }),
    db.instance.update({ where: { id: compared.instanceId }, data: { comparedAt: compared.at } }),
  ]);
}
