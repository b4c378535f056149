/** One signed receipt per study, extended and signed anew with every file that is stored. */
import {
  type DeidentificationReceipt,
  type SignedReceipt,
  signedReceiptSchema,
} from "@crossread/contracts/deidentification-receipt";
import { DomainError } from "@crossread/contracts/errors";
import { type DeidentifiedInstance, extendReceipt } from "@crossread/contracts/extend-receipt";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface ReceiptAddition {
  readonly siteId: string;
  readonly instances: readonly DeidentifiedInstance[];
  /** In every receipt: which software did it. */
  readonly software: string;
  readonly now: Date;
  readonly sign: (receipt: DeidentificationReceipt) => SignedReceipt;
}

/** Part of the transaction that stores the instances; files that were not stored, or are listed already, change nothing. */
export async function addToReceipts(tx: Transaction, addition: ReceiptAddition): Promise<void> {
  const bySha256 = new Map(addition.instances.map((instance) => [instance.sha256, instance]));
  const stored = await tx.instance.findMany({
    where: { siteId: addition.siteId, sha256: { in: [...bySha256.keys()] } },
    select: { sha256: true, series: { select: { studyId: true } } },
  });
  const byStudy = new Map<string, DeidentifiedInstance[]>();
  for (const { series, sha256 } of stored) {
    const instance = bySha256.get(sha256);
    if (instance !== undefined) {
      byStudy.set(series.studyId, [...(byStudy.get(series.studyId) ?? []), instance]);
    }
  }
  // In one order everywhere, so that two transactions never wait for each other.
  for (const studyId of [...byStudy.keys()].sort()) {
    await extendStoredReceipt(tx, studyId, { ...addition, instances: byStudy.get(studyId) ?? [] });
  }
}

async function extendStoredReceipt(
  tx: Transaction,
  studyId: string,
  addition: ReceiptAddition,
): Promise<void> {
  await tx.$queryRaw`select 1 from studies where id = ${studyId}::uuid for update`;
  const study = await tx.study.findUniqueOrThrow({
    where: { id: studyId },
    select: {
      studyInstanceUid: true,
      subject: { select: { pseudonym: true } },
      site: { select: { code: true } },
      receipt: { select: { content: true } },
    },
  });
  const known = study.receipt === null ? undefined : signedReceiptSchema.parse(study.receipt.content).receipt;
  const head = {
    siteCode: study.site.code,
    studyInstanceUid: study.studyInstanceUid,
    pseudonym: study.subject.pseudonym,
    software: addition.software,
    now: addition.now,
  };
  const receipt = extendReceipt(known, head, addition.instances);
  if (receipt === undefined) return;
  const content = addition.sign(receipt);
  const row = { content: toJsonColumn(content), issuedAt: addition.now };
  await tx.deidentificationReceipt.upsert({ where: { studyId }, create: { studyId, ...row }, update: row });
}

/** The signed receipt as it is downloaded; undefined for a study that came without one, as the demonstration does. */
export async function findReceipt(
  db: Database,
  scope: SiteScope,
  studyId: string,
): Promise<SignedReceipt | undefined> {
  const study = await db.study.findFirst({
    where: { id: studyId, siteId: whereSite(scope) },
    select: { receipt: { select: { content: true } } },
  });
  if (study === null) throw new DomainError("not-found", `There is no study ${studyId}.`);
  return study.receipt === null ? undefined : signedReceiptSchema.parse(study.receipt.content);
}
