/** What became of staged files: their rows, the rows of the images, and the refusals, in one transaction. */
import type { HeldFile } from "@crossread/contracts/held-file";
import type { Database, Transaction } from "./database.ts";
import { recordHeldFile, releaseHeldTwins } from "./held-files.ts";
import { heldQuotaRefusal, openHeldRoom } from "./held-room.ts";
import type { IngestRecord } from "./ingest.ts";
import { storeInstances } from "./store-instances.ts";

export interface FileRefusal {
  readonly ok: false;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** Of the de-identified file, where it got that far. */
  readonly sopInstanceUid?: string | undefined;
  /** Refused only until a person says what its pixels show: it is kept for that. */
  readonly held?: HeldFile | undefined;
}

export type FileFinding = { readonly ok: true; readonly file: IngestRecord } | FileRefusal;

export interface FoundFile {
  readonly fileId: string;
  readonly finding: FileFinding;
}

export interface Settlement {
  readonly siteId: string;
  readonly uploadId: string;
  readonly found: readonly FoundFile[];
  readonly now: Date;
  /** What may be kept of the site's files until a person decides about them. */
  readonly heldBytesLimit: number;
  /** More rows of the same transaction, for the files that are settled by it. */
  readonly alongside?: (tx: Transaction, settled: readonly FoundFile[]) => Promise<void>;
}

interface SettledFile {
  readonly fileId: string;
  readonly state: "accepted" | "known" | "refused" | "held";
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly code: string | null;
  readonly message: string | null;
}

/**
 * Writes down what was found, once: a file that another worker settled meanwhile is left alone, so that nothing is
 * accepted or refused twice and the states count what happened.
 */
export async function settleFiles(db: Database, settlement: Settlement): Promise<void> {
  const { found, heldBytesLimit, now, siteId, uploadId } = settlement;
  await db.$transaction(
    async (tx) => {
      const open = await lockStaged(tx, found);
      const mine = found.filter(({ fileId }) => open.has(fileId));
      if (mine.length === 0) return;
      const refused: (FoundFile & { finding: FileRefusal })[] = [];
      const read: { fileId: string; file: IngestRecord }[] = [];
      for (const { fileId, finding } of mine) {
        if (finding.ok) read.push({ fileId, file: finding.file });
        else refused.push({ fileId, finding });
      }
      const outcomes = await storeInstances(
        tx,
        siteId,
        read.map(({ file }) => file),
      );
      const settled: SettledFile[] = [];
      const takenUids: string[] = [];
      for (const [index, { file, fileId }] of read.entries()) {
        const outcome = outcomes[index];
        const digest = { sha256: open.get(fileId) ?? file.sha256, sizeBytes: file.sizeBytes };
        if (outcome?.ok === true) {
          const state = outcome.isNew ? "accepted" : "known";
          settled.push({ fileId, state, ...digest, code: null, message: null });
          takenUids.push(file.sopInstanceUid);
        } else if (outcome !== undefined) {
          const { message, remedy } = outcome;
          const { sopInstanceUid } = file;
          const finding = {
            ok: false,
            code: "conflict",
            message,
            remedy,
            ...digest,
            sopInstanceUid,
          } as const;
          refused.push({ fileId, finding });
        }
      }
      const isAnyHeld = refused.some(({ finding }) => finding.held !== undefined);
      const heldRoom = isAnyHeld ? await openHeldRoom(tx, siteId, heldBytesLimit) : undefined;
      for (const { fileId, finding } of refused) {
        const { sizeBytes } = finding;
        const sha256 = open.get(fileId) ?? finding.sha256;
        const isTooMuch = finding.held !== undefined && heldRoom?.take(sizeBytes) === false;
        const held = isTooMuch ? undefined : finding.held;
        const told = isTooMuch ? { ...finding, ...heldQuotaRefusal(sha256, heldBytesLimit) } : finding;
        const { code, message } = told;
        const state = held === undefined ? "refused" : "held";
        settled.push({ fileId, state, sha256, sizeBytes, code, message });
        const refusal = { ...told, sha256, siteId, uploadId, receivedAt: now };
        const refusedFileId = await recordRefusal(tx, refusal);
        if (held !== undefined) await recordHeldFile(tx, { fileId, siteId, refusedFileId, held });
      }
      await resolveRefusals(tx, { siteId, now, settled, takenUids });
      await writeStates(tx, uploadId, settled, now);
      await settlement.alongside?.(tx, mine);
    },
    { timeout: 60_000, maxWait: 60_000 },
  );
}

/** File id → announced digest of those that still wait; locked until the transaction ends. */
async function lockStaged(tx: Transaction, found: readonly FoundFile[]): Promise<Map<string, string | null>> {
  const ids = found.map(({ fileId }) => fileId);
  const rows = await tx.$queryRaw<{ id: string; sha256: string | null }[]>`
    select id, sha256 from upload_files
    where id = any(${ids}::uuid[]) and state = 'staged' order by id for update`;
  return new Map(rows.map(({ id, sha256 }) => [id, sha256]));
}

interface Refusal extends Omit<FileRefusal, "ok" | "held"> {
  readonly siteId: string;
  readonly uploadId: string;
  readonly receivedAt: Date;
}

/** The same bytes refused again replace the old reason, and are open again. */
async function recordRefusal(tx: Transaction, refusal: Refusal): Promise<string> {
  const { code, message, receivedAt, remedy, sha256, siteId, sizeBytes, sopInstanceUid, uploadId } = refusal;
  const told = { code, message, remedy, receivedAt, uploadId, sopInstanceUid: sopInstanceUid ?? null };
  const { id } = await tx.refusedFile.upsert({
    where: { siteId_sha256: { siteId, sha256 } },
    create: { siteId, sha256, sizeBytes, ...told },
    update: { ...told, resolvedAt: null, dismissedAt: null, dismissedBy: null, dismissReason: null },
    select: { id: true },
  });
  return id;
}

/** Refused once, accepted now: the same bytes, or the same instance with its fault mended. */
async function resolveRefusals(
  tx: Transaction,
  accepted: { siteId: string; now: Date; settled: readonly SettledFile[]; takenUids: readonly string[] },
): Promise<void> {
  const taken = accepted.settled.filter(({ state }) => state === "accepted" || state === "known");
  if (taken.length === 0) return;
  await tx.refusedFile.updateMany({
    where: {
      siteId: accepted.siteId,
      resolvedAt: null,
      OR: [
        { sha256: { in: taken.map(({ sha256 }) => sha256) } },
        {
          sopInstanceUid: { in: [...accepted.takenUids] },
          NOT: { code: "conflict" },
        },
      ],
    },
    data: { resolvedAt: accepted.now },
  });
  await releaseHeldTwins(tx, accepted.siteId);
}

async function writeStates(
  tx: Transaction,
  uploadId: string,
  settled: readonly SettledFile[],
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    update upload_files as f
    set state = s.state::upload_file_state, code = s.code, message = s.message, updated_at = ${now},
        size_bytes = s.size_bytes, received_bytes = s.size_bytes,
        -- A second file of the same content in one upload stays without the digest that the first one has.
        sha256 = case when f.sha256 is not null then f.sha256
                      when s.twin > 1 or exists (
                        select 1 from upload_files o where o.upload_id = f.upload_id and o.sha256 = s.sha256
                      ) then null
                      else s.sha256 end
    from (
      select *, row_number() over (partition by sha256 order by id) as twin
      from unnest(
        ${settled.map(({ fileId }) => fileId)}::uuid[],
        ${settled.map(({ state }) => state)}::text[],
        ${settled.map(({ code }) => code)}::text[],
        ${settled.map(({ message }) => message)}::text[],
        ${settled.map(({ sha256 }) => sha256)}::text[],
        ${settled.map(({ sizeBytes }) => sizeBytes)}::int[]
      ) as t(id, state, code, message, sha256, size_bytes)
    ) as s
    where f.id = s.id and f.upload_id = ${uploadId}::uuid`;
}
