/** Files that wait for a person's word about what may be text in their pixels, and what that word is. */
import { DomainError } from "@crossread/contracts/errors";
import { fileDeidentificationSchema } from "@crossread/contracts/deidentification-receipt";
import type { DecidedFile, HeldFile } from "@crossread/contracts/held-file";
import {
  answerOfRule,
  pixelAnswerSchema,
  pixelRegionsSchema,
  type PixelAnswer,
} from "@crossread/contracts/pixel-rule";
import { stagedKeyOfHeld } from "@crossread/contracts/upload";
import type { Database, Transaction } from "./database.ts";
import { toJsonColumn } from "./json-column.ts";
import { whereSite, type SiteScope } from "./site-scope.ts";

/** Part of the transaction that settles the file: it is held once, since whoever has an answer is not asked again. */
export async function recordHeldFile(
  tx: Transaction,
  file: { fileId: string; siteId: string; refusedFileId: string; held: HeldFile },
): Promise<void> {
  const { fileId, held, refusedFileId, siteId } = file;
  const { deidentification, regions, ...found } = held;
  await tx.heldFile.create({
    data: {
      fileId,
      siteId,
      refusedFileId,
      ...found,
      regions: toJsonColumn(regions),
      deidentification: toJsonColumn(deidentification),
    },
  });
}

/** Whoever sent the same file again and had it accepted has answered for the one that waits. */
export async function releaseHeldTwins(tx: Transaction, siteId: string): Promise<void> {
  await tx.uploadFile.updateMany({
    where: { siteId, state: "held", held: { refusal: { resolvedAt: { not: null } } } },
    data: { state: "known", code: null, message: null },
  });
}

export interface HeldFileView {
  readonly refusedFileId: string;
  readonly siteId: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly rows: number;
  readonly columns: number;
  readonly regions: HeldFile["regions"];
  readonly previewKey: string;
  readonly isDecided: boolean;
}

/** What a person needs in order to decide; not found once it is settled or dismissed. */
export async function loadHeldFile(
  db: Database | Transaction,
  scope: SiteScope,
  refusedFileId: string,
): Promise<HeldFileView> {
  const row = await db.heldFile.findFirst({
    where: {
      refusedFileId,
      siteId: whereSite(scope),
      refusal: { resolvedAt: null, dismissedAt: null },
      file: { state: { in: ["held", "staged"] } },
    },
    orderBy: { fileId: "asc" },
  });
  if (row === null) throw new DomainError("not-found", `File ${refusedFileId} waits for nobody's decision.`);
  return {
    refusedFileId,
    siteId: row.siteId,
    manufacturer: row.manufacturer,
    model: row.model,
    rows: row.rows,
    columns: row.columns,
    regions: pixelRegionsSchema.parse(row.regions),
    previewKey: row.previewKey,
    isDecided: row.decidedAt !== null,
  };
}

/** Other undecided files of the same device and size whose text lies in the same places. */
export async function countAlike(
  db: Database,
  seen: Omit<HeldFileView, "previewKey" | "isDecided">,
): Promise<number> {
  const { columns, manufacturer, model, refusedFileId, regions, rows, siteId } = seen;
  if (manufacturer === "" || model === "") return 0;
  const others = await db.heldFile.findMany({
    where: {
      siteId,
      manufacturer,
      model,
      rows,
      columns,
      refusedFileId: { not: refusedFileId },
      decidedAt: null,
      file: { state: "held" },
    },
    select: { regions: true },
  });
  const places = { rows, columns, kind: "mask" as const, regions };
  return others.filter((other) => answerOfRule(places, pixelRegionsSchema.parse(other.regions)) !== undefined)
    .length;
}

export interface HeldChoice extends Pick<HeldFileView, "refusedFileId" | "regions"> {
  readonly fileId: string;
  readonly uploadId: string;
}

/** Undecided files of one device and image size, locked until the transaction ends. */
export async function lockHeldFiles(
  tx: Transaction,
  filter: {
    readonly siteId: string;
    readonly refusedFileId?: string;
    readonly manufacturer: string;
    readonly model: string;
    readonly rows: number;
    readonly columns: number;
  },
): Promise<HeldChoice[]> {
  const { columns, manufacturer, model, refusedFileId, rows: rowCount, siteId } = filter;
  const rows = await tx.$queryRaw<
    { fileId: string; refusedFileId: string; uploadId: string; regions: unknown }[]
  >`
    select h.file_id as "fileId", h.refused_file_id as "refusedFileId", f.upload_id as "uploadId", h.regions
    from held_files h join upload_files f on f.id = h.file_id
    where h.site_id = ${siteId}::uuid and f.state = 'held' and h.decided_at is null
      and h.manufacturer = ${manufacturer} and h.model = ${model}
      and h.rows = ${rowCount} and h.columns = ${columns}
      and (${refusedFileId ?? null}::uuid is null or h.refused_file_id = ${refusedFileId ?? null}::uuid)
    order by f.id for update of f`;
  return rows.map((row) => ({ ...row, regions: pixelRegionsSchema.parse(row.regions) }));
}

/** The file waits for the worker again, which does with its pixels what the answer says. */
export async function answerHeldFile(
  tx: Transaction,
  decision: { fileId: string; answer: PixelAnswer; actorId: string; now: Date },
): Promise<void> {
  const { actorId, answer, fileId, now } = decision;
  await tx.heldFile.update({
    where: { fileId },
    data: { answer: toJsonColumn(answer), decidedBy: actorId, decidedAt: now },
  });
  await tx.uploadFile.update({
    where: { id: fileId },
    data: { state: "staged", code: null, message: null, attempts: 0 },
  });
}

interface AnsweredRow {
  readonly answer: unknown;
  readonly deidentification: unknown;
}

export const toDecidedFile = ({ answer, deidentification }: AnsweredRow): DecidedFile => ({
  answer: pixelAnswerSchema.parse(answer),
  deidentification: fileDeidentificationSchema.parse(deidentification),
});

export interface HeldBlobs {
  readonly fileId: string;
  readonly keys: readonly string[];
}

/** What was kept of files that have been taken in or left out since. */
export async function listSettledHeld(db: Database, limit: number): Promise<HeldBlobs[]> {
  const rows = await db.heldFile.findMany({
    where: { file: { state: { notIn: ["held", "staged"] } } },
    take: limit,
    select: { fileId: true, blobKey: true, previewKey: true },
  });
  return rows.map(({ blobKey, fileId, previewKey }) => ({ fileId, keys: [blobKey, previewKey] }));
}

/** Once their blobs are gone. */
export async function forgetHeld(db: Database, fileIds: readonly string[]): Promise<void> {
  await db.heldFile.deleteMany({
    where: { fileId: { in: [...fileIds] }, file: { state: { notIn: ["held", "staged"] } } },
  });
}

/** Which of these blobs no row names and no file that is being looked at will. */
export async function findLooseHeldKeys(db: Database, keys: readonly string[]): Promise<string[]> {
  const rows = await db.heldFile.findMany({
    where: { OR: [{ blobKey: { in: [...keys] } }, { previewKey: { in: [...keys] } }] },
    select: { blobKey: true, previewKey: true },
  });
  const waiting = await db.uploadFile.findMany({
    where: { state: "staged", stagedKey: { in: keys.map(stagedKeyOfHeld) } },
    select: { stagedKey: true },
  });
  const named = new Set([
    ...rows.flatMap(({ blobKey, previewKey }) => [blobKey, previewKey]),
    ...waiting.map(({ stagedKey }) => stagedKey),
  ]);
  return keys.filter((key) => !named.has(key) && !named.has(stagedKeyOfHeld(key)));
}
