/** One signed receipt per study, extended and signed anew with every file that is stored. */
import {
  type ActionCounts,
  countActions,
  type DeidentificationReceipt,
  type FileDeidentification,
  type ReceiptFile,
  type SignedReceipt,
  signedReceiptSchema,
} from "@crossread/contracts/deidentification-receipt";
import { DomainError } from "@crossread/contracts/errors";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

export interface DeidentifiedInstance {
  readonly sopInstanceUid: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly deidentification: FileDeidentification;
}

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
    await extendReceipt(tx, studyId, { ...addition, instances: byStudy.get(studyId) ?? [] });
  }
}

async function extendReceipt(tx: Transaction, studyId: string, addition: ReceiptAddition): Promise<void> {
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
  const listed = new Set(known?.files.map(({ sopInstanceUid }) => sopInstanceUid));
  const added = addition.instances.filter(({ sopInstanceUid }) => !listed.has(sopInstanceUid));
  if (added.length === 0) return;
  const files = [...(known?.files ?? []), ...added.map((instance) => toReceiptFile(instance, addition))];
  const content = addition.sign({
    format: "crossread-deidentification-receipt/1",
    siteCode: study.site.code,
    studyInstanceUid: study.studyInstanceUid,
    pseudonym: study.subject.pseudonym,
    issuedAt: addition.now.toISOString(),
    actionCounts: files.reduce((total, { actionCounts }) => sum(total, actionCounts), countActions([])),
    attributes: mergeAttributes(known?.attributes ?? [], added),
    files: files.sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1)),
  });
  const row = { content: toJsonColumn(content), issuedAt: addition.now };
  await tx.deidentificationReceipt.upsert({ where: { studyId }, create: { studyId, ...row }, update: row });
}

function toReceiptFile(
  { deidentification, sha256, sizeBytes, sopInstanceUid }: DeidentifiedInstance,
  { software }: ReceiptAddition,
): ReceiptFile {
  const { keyedDigestBefore, pixels, profile, tableVersion, wasOurs } = deidentification;
  return {
    sopInstanceUid,
    keyedDigestBefore,
    sha256After: sha256,
    sizeBytesAfter: sizeBytes,
    profile,
    tableVersion,
    software,
    wasOurs,
    pixels,
    actionCounts: countActions(deidentification.actions),
  };
}

const sum = (first: ActionCounts, second: ActionCounts): ActionCounts => ({
  D: first.D + second.D,
  Z: first.Z + second.Z,
  X: first.X + second.X,
  K: first.K + second.K,
  C: first.C + second.C,
  U: first.U + second.U,
});

type ReceiptAttribute = DeidentificationReceipt["attributes"][number];

function mergeAttributes(
  known: readonly ReceiptAttribute[],
  added: readonly DeidentifiedInstance[],
): ReceiptAttribute[] {
  const keyOf = ({ tag, action }: { tag: string; action: string }) => `${tag} ${action}`;
  const merged = new Map(known.map((attribute) => [keyOf(attribute), attribute]));
  for (const { deidentification } of added) {
    // Once a file, however many items of a sequence hold it.
    for (const [key, action] of new Map(deidentification.actions.map((one) => [keyOf(one), one]))) {
      merged.set(key, { ...action, fileCount: (merged.get(key)?.fileCount ?? 0) + 1 });
    }
  }
  return [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, attribute]) => attribute);
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
