/** What a site does about text that a device burns in at known places. */
import { DomainError } from "@crossread/contracts/errors";
import { pixelRuleSchema, pixelRegionsSchema, type PixelRule } from "@crossread/contracts/pixel-rule";
import { appendAudit } from "./audit.ts";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";

/** Newest first: of two rules that both answer, the younger one counts. */
export async function listPixelRules(db: Database, siteId: string): Promise<PixelRule[]> {
  const rows = await db.pixelRule.findMany({
    where: { siteId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    select: {
      id: true,
      manufacturer: true,
      model: true,
      rows: true,
      columns: true,
      kind: true,
      regions: true,
    },
  });
  return rows.map(({ id, ...rule }) => pixelRuleSchema.parse({ ruleId: id, ...rule }));
}

export interface PixelRuleRow extends PixelRule {
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

export async function listPixelRuleRows(db: Database, siteId: string): Promise<PixelRuleRow[]> {
  const rows = await db.pixelRule.findMany({
    where: { siteId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    include: { creator: { select: { name: true } } },
  });
  return rows.map(
    ({ createdAt, creator, id, kind, regions, columns, manufacturer, model, rows: rowCount }) => ({
      ...pixelRuleSchema.parse({ ruleId: id, kind, regions, columns, manufacturer, model, rows: rowCount }),
      createdBy: creator?.name ?? null,
      createdAt,
    }),
  );
}

const rulesPerSite = 200;

/** Part of a decision's transaction, which audits it together with the decision. */
export async function addPixelRule(
  tx: Transaction,
  rule: Omit<PixelRule, "ruleId"> & { readonly siteId: string; readonly actorId: string; readonly now: Date },
): Promise<string> {
  const { actorId, now, regions, ...given } = rule;
  if ((await tx.pixelRule.count({ where: { siteId: rule.siteId } })) >= rulesPerSite) {
    throw new DomainError("usage", `A site has at most ${rulesPerSite} pixel rules; remove one first.`);
  }
  const { id } = await tx.pixelRule.create({
    data: {
      ...given,
      regions: toJsonColumn(pixelRegionsSchema.parse(regions)),
      createdBy: actorId,
      createdAt: now,
    },
    select: { id: true },
  });
  return id;
}

/** What was taken in by it stays as it is. */
export async function removePixelRule(
  db: Database,
  removal: { siteId: string; ruleId: string; actorId: string },
): Promise<void> {
  const { actorId, ruleId, siteId } = removal;
  await db.$transaction(async (tx) => {
    const rule = await tx.pixelRule.findFirst({ where: { id: ruleId, siteId } });
    if (rule === null)
      throw new DomainError("not-found", `There is no pixel rule ${ruleId} at site ${siteId}.`);
    await tx.pixelRule.delete({ where: { id: ruleId } });
    const { columns, kind, manufacturer, model, rows } = rule;
    await appendAudit(tx, {
      actorId,
      siteId,
      action: "site.pixel-rule.remove",
      entityKind: "pixel-rule",
      entityId: ruleId,
      details: { manufacturer, model, rows, columns, kind },
    });
  });
}
