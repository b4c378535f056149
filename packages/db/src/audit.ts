import { createHash } from "node:crypto";
import { whereNotPendingFor } from "./blinding.ts";
import { canonicalJson, type JsonValue } from "./canonical-json.ts";
import type { Database, Transaction } from "./database.ts";
import type { Prisma } from "./generated/client.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface AuditEntry {
  readonly actorId: string | null;
  readonly siteId: string | null;
  /** Dotted: what was done, e.g. "training.launch". */
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string;
  readonly reason?: string;
  /** Pseudonymous facts only. */
  readonly details: { readonly [key: string]: JsonValue };
}

const chainStart = "0".repeat(64);
const auditLock = 7_243_091;

/**
 * Appends one event to the hash chain; inside a transaction the chain stays locked until it ends, and everybody else who
 * writes waits: call it last.
 */
export async function appendAudit(db: Database | Transaction, entry: AuditEntry): Promise<void> {
  if ("$transaction" in db) {
    await db.$transaction((tx) => append(tx, entry));
  } else {
    await append(db, entry);
  }
}

async function append(tx: Transaction, entry: AuditEntry): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${auditLock})`;
  // The chain goes over all sites, most of whose events the actor may not see. Not one statement with the lock: it would
  // see the chain as it was when it began to wait.
  const [head] = await tx.$queryRaw<{ at: Date; sequence: bigint | null; hash: string | null }[]>`
    select date_trunc('milliseconds', clock_timestamp()) as at, sequence, hash
    from (values (1)) clock left join crossread_audit_head() on true`;
  const row = {
    sequence: (head?.sequence ?? 0n) + 1n,
    at: head?.at ?? new Date(),
    actorId: entry.actorId,
    siteId: entry.siteId,
    action: entry.action,
    entityKind: entry.entityKind,
    entityId: entry.entityId,
    reason: entry.reason ?? null,
    details: entry.details,
  };
  const previousHash = head?.hash ?? chainStart;
  // Unlike `create` it does not read the row again, which its writer may not see.
  await tx.auditEvent.createMany({
    data: {
      ...row,
      details: entry.details as Prisma.InputJsonObject,
      previousHash,
      hash: eventHash(previousHash, row),
    },
  });
}

interface HashedRow {
  readonly sequence: bigint;
  readonly at: Date;
  readonly actorId: string | null;
  readonly siteId: string | null;
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string;
  readonly reason: string | null;
  readonly details: unknown;
}

function eventHash(previousHash: string, row: HashedRow): string {
  const content = canonicalJson({
    sequence: String(row.sequence),
    at: row.at.toISOString(),
    actorId: row.actorId,
    siteId: row.siteId,
    action: row.action,
    entityKind: row.entityKind,
    entityId: row.entityId,
    reason: row.reason,
    details: row.details as JsonValue,
  });
  return createHash("sha256").update(previousHash).update(content).digest("hex");
}

export interface AuditVerification {
  readonly isIntact: boolean;
  readonly checkedCount: number;
  /** Hash of the newest event: note it elsewhere to notice a log that was cut off at its end. */
  readonly headHash: string;
  readonly firstBroken?: {
    readonly sequence: string;
    readonly problem: "missing-row" | "broken-link" | "changed-content";
  };
}

/** Recomputes the whole chain from its first event. */
export async function verifyAudit(db: Database): Promise<AuditVerification> {
  const pageSize = 1_000;
  let previousHash = chainStart;
  let sequence = 0n;
  for (;;) {
    const rows = await db.auditEvent.findMany({
      where: { sequence: { gt: sequence } },
      orderBy: { sequence: "asc" },
      take: pageSize,
    });
    for (const row of rows) {
      const problem =
        row.sequence !== sequence + 1n
          ? "missing-row"
          : row.previousHash !== previousHash
            ? "broken-link"
            : row.hash !== eventHash(previousHash, row)
              ? "changed-content"
              : undefined;
      if (problem !== undefined) {
        return {
          isIntact: false,
          checkedCount: Number(sequence),
          headHash: previousHash,
          firstBroken: { sequence: String(sequence + 1n), problem },
        };
      }
      previousHash = row.hash;
      sequence = row.sequence;
    }
    if (rows.length < pageSize) {
      return { isIntact: true, checkedCount: Number(sequence), headHash: previousHash };
    }
  }
}

export interface AuditFilter {
  readonly scope: SiteScope;
  /** Changes of what this person still has to read blind are left out. */
  readonly viewerId: string;
  readonly action?: string;
  readonly entityKind?: string;
  readonly entityId?: string;
  readonly actorId?: string;
  readonly siteId?: string;
  /** Sequence below which to go on; newest first. */
  readonly before?: string;
  readonly pageSize: number;
}

export interface AuditRow {
  readonly sequence: string;
  readonly at: Date;
  readonly actorName: string | null;
  readonly siteName: string | null;
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string;
  readonly reason: string | null;
  readonly details: JsonValue;
  readonly hash: string;
}

export async function listAudit(
  db: Database,
  filter: AuditFilter,
): Promise<{ rows: AuditRow[]; next: string | null; totalCount: number }> {
  const where: Prisma.AuditEventWhereInput = {
    AND: [
      filter.scope === "all" ? {} : { siteId: whereSite(filter.scope) },
      filter.siteId === undefined ? {} : { siteId: filter.siteId },
      await whereNotUnblinding(db, filter.viewerId),
    ],
    ...(filter.action === undefined ? {} : { action: { startsWith: filter.action } }),
    ...(filter.entityKind === undefined ? {} : { entityKind: filter.entityKind }),
    ...(filter.entityId === undefined ? {} : { entityId: filter.entityId }),
    ...(filter.actorId === undefined ? {} : { actorId: filter.actorId }),
  };
  const [totalCount, events] = await Promise.all([
    db.auditEvent.count({ where }),
    db.auditEvent.findMany({
      where: filter.before === undefined ? where : { ...where, sequence: { lt: BigInt(filter.before) } },
      orderBy: { sequence: "desc" },
      take: filter.pageSize + 1,
      include: { actor: { select: { name: true } }, site: { select: { name: true } } },
    }),
  ]);
  const page = events.slice(0, filter.pageSize);
  const last = page.at(-1);
  return {
    totalCount,
    next: events.length > filter.pageSize && last !== undefined ? String(last.sequence) : null,
    rows: page.map((event) => ({
      sequence: String(event.sequence),
      at: event.at,
      actorName: event.actor?.name ?? null,
      siteName: event.site?.name ?? null,
      action: event.action,
      entityKind: event.entityKind,
      entityId: event.entityId,
      reason: event.reason,
      details: event.details as JsonValue,
      hash: event.hash,
    })),
  };
}

/** Events quote old and new labels, reasons and tags; one about many studies is hidden while any case is to be read. */
async function whereNotUnblinding(db: Database, viewerId: string): Promise<Prisma.AuditEventWhereInput> {
  const pending = await db.case.findMany({
    where: { NOT: whereNotPendingFor(viewerId) },
    select: { id: true, studyId: true },
  });
  if (pending.length === 0) return {};
  const caseIds = pending.map(({ id }) => id);
  const studyIds = pending.map(({ studyId }) => studyId);
  return { NOT: [{ entityId: { in: [...caseIds, ...studyIds] } }, { entityKind: "studies" }] };
}

export async function listAuditActions(db: Database, scope: SiteScope): Promise<string[]> {
  const rows = await db.auditEvent.findMany({
    where: scope === "all" ? {} : { siteId: whereSite(scope) },
    distinct: ["action"],
    select: { action: true },
    orderBy: { action: "asc" },
  });
  return rows.map((row) => row.action);
}
