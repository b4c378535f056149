import { apiTokenScopesSchema, type ApiTokenScope } from "@crossread/contracts/api-token";
import { DomainError } from "@crossread/contracts/errors";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";

export interface ApiTokenRow {
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly ApiTokenScope[];
  readonly creatorName: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly state: "in-force" | "expired" | "revoked";
}

/** Tokens of one site, those in force first, newest first. The token itself is nowhere stored. */
export async function listApiTokens(
  db: Database,
  asked: { siteId: string; at: Date },
): Promise<ApiTokenRow[]> {
  const rows = await db.apiToken.findMany({
    where: { siteId: asked.siteId },
    orderBy: [{ revokedAt: { sort: "desc", nulls: "first" } }, { createdAt: "desc" }],
    include: { creator: { select: { name: true } } },
  });
  return rows.map((row) => ({
    tokenId: row.id,
    name: row.name,
    scopes: apiTokenScopesSchema.parse(row.scopes),
    creatorName: row.creator.name,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
    state:
      row.revokedAt !== null
        ? ("revoked" as const)
        : row.expiresAt !== null && row.expiresAt <= asked.at
          ? ("expired" as const)
          : ("in-force" as const),
  }));
}

export interface NewApiToken {
  readonly tokenId: string;
  readonly siteId: string;
  readonly actorId: string;
  readonly name: string;
  readonly scopes: readonly ApiTokenScope[];
  readonly expiresAt: Date | null;
  /** sha256 of the secret, hexadecimal. */
  readonly tokenHash: string;
}

export async function createApiToken(db: Database, token: NewApiToken): Promise<void> {
  const { actorId, expiresAt, name, scopes, siteId, tokenHash, tokenId } = token;
  await db.$transaction(async (tx) => {
    await tx.apiToken.create({
      data: { id: tokenId, siteId, createdBy: actorId, name, scopes: [...scopes], expiresAt, tokenHash },
    });
    await appendAudit(tx, {
      actorId,
      siteId,
      action: "api-token.create",
      entityKind: "api-token",
      entityId: tokenId,
      details: { name, scopes: [...scopes], expiresAt: expiresAt?.toISOString() ?? null },
    });
  });
}

/** For good: a revoked token never works again. Revoking it twice changes nothing. */
export async function revokeApiToken(
  db: Database,
  change: { siteId: string; tokenId: string; actorId: string; at: Date },
): Promise<void> {
  const { actorId, at, siteId, tokenId } = change;
  await db.$transaction(async (tx) => {
    const changed = await tx.apiToken.updateMany({
      where: { id: tokenId, siteId, revokedAt: null },
      data: { revokedAt: at },
    });
    if (changed.count === 0) {
      const known = await tx.apiToken.count({ where: { id: tokenId, siteId } });
      if (known === 0) throw new DomainError("not-found", `Site ${siteId} has no token ${tokenId}.`);
      return;
    }
    await appendAudit(tx, {
      actorId,
      siteId,
      action: "api-token.revoke",
      entityKind: "api-token",
      entityId: tokenId,
      details: {},
    });
  });
}

export interface StoredApiToken {
  readonly siteId: string;
  /** Who made it, and has seen it. */
  readonly makerId: string;
  readonly tokenHash: string;
  readonly scopes: readonly ApiTokenScope[];
}

/** A token in force: not revoked, not expired, of an active site. */
export async function findApiToken(
  db: Database,
  asked: { tokenId: string; at: Date },
): Promise<StoredApiToken | undefined> {
  const row = await db.apiToken.findFirst({
    where: {
      id: asked.tokenId,
      revokedAt: null,
      OR: [{ expiresAt: null }, { expiresAt: { gt: asked.at } }],
      site: { isActive: true },
    },
    select: { siteId: true, createdBy: true, tokenHash: true, scopes: true },
  });
  if (row === null) return undefined;
  const { createdBy: makerId, siteId, tokenHash } = row;
  return { siteId, makerId, tokenHash, scopes: apiTokenScopesSchema.parse(row.scopes) };
}

const useResolutionMs = 60_000;

/** To the minute, so that thousands of requests are not thousands of writes. */
export async function markApiTokenUsed(db: Database, use: { tokenId: string; at: Date }): Promise<void> {
  const since = new Date(use.at.getTime() - useResolutionMs);
  await db.apiToken.updateMany({
    where: { id: use.tokenId, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: since } }] },
    data: { lastUsedAt: use.at },
  });
}
