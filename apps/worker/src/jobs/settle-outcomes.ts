import type { JobPayload } from "@crossread/contracts/queues";
import { addToReceipts } from "@crossread/db/deidentification-receipts";
import type { StagedFile } from "@crossread/db/staged-files";
import { isDataFault } from "@crossread/db/data-fault";
import { settleFiles, type FoundFile } from "@crossread/db/settle-files";
import type { FileOutcome } from "../tasks/file-outcome.ts";
import { remedyOf } from "../tasks/refusal-remedies.ts";
import type { WorkerContext } from "../worker-context.ts";
import { removeLooseHeld } from "./remove-settled-held.ts";

export interface Settler {
  /** Returns when the file is noted down, or waits for a full batch to be written. */
  readonly add: (file: StagedFile, outcome: FileOutcome) => Promise<void>;
  readonly flush: () => Promise<void>;
}

const filesPerTransaction = 32;

interface Noted extends FoundFile {
  readonly stagedKey: string;
  readonly finding: FileOutcome;
}

/** Writes outcomes in batches, one at a time, and deletes the staged files that are settled by that. */
export function createSettler(
  context: WorkerContext,
  upload: JobPayload<"ingest-upload">,
  onWritten: () => Promise<void>,
): Settler {
  let noted: Noted[] = [];
  let written: Promise<void> = Promise.resolve();

  function flush(): Promise<void> {
    const batch = noted;
    noted = [];
    if (batch.length > 0) {
      written = written.then(async () => {
        await write(context, upload, batch);
        await onWritten();
      });
    }
    return written;
  }

  return {
    flush,
    async add(file, outcome) {
      noted.push({ fileId: file.fileId, stagedKey: file.stagedKey, finding: outcome });
      if (noted.length >= filesPerTransaction) await flush();
    },
  };
}

async function write(
  context: WorkerContext,
  upload: JobPayload<"ingest-upload">,
  batch: readonly Noted[],
): Promise<void> {
  try {
    await settle(context, upload, batch);
  } catch (error) {
    if (!isDataFault(error)) throw error;
    context.logger.warn({ err: error, count: batch.length }, "files are settled one by one");
    for (const one of batch) await writeAlone(context, upload, one);
  }
}

/** One file whose rows the database will not take must not keep the others out. */
async function writeAlone(
  context: WorkerContext,
  upload: JobPayload<"ingest-upload">,
  one: Noted,
): Promise<void> {
  try {
    await settle(context, upload, [one]);
  } catch (error) {
    if (!isDataFault(error)) throw error;
    const { sha256, sizeBytes } = one.finding.ok ? one.finding.file : one.finding;
    const code = "image-unreadable";
    const message = `A header must hold values that can be stored, but file ${sha256.slice(0, 8)} does not.`;
    const finding = { ok: false, sha256, sizeBytes, code, message, remedy: remedyOf(code) } as const;
    await settle(context, upload, [{ ...one, finding }]);
  }
}

async function settle(
  context: WorkerContext,
  upload: JobPayload<"ingest-upload">,
  batch: readonly Noted[],
): Promise<void> {
  const now = context.now();
  await settleFiles(context.db, {
    ...upload,
    found: batch,
    now,
    heldBytesLimit: context.ingest.heldBytesLimit,
    alongside: (tx, settled) => {
      const settledIds = new Set(settled.map(({ fileId }) => fileId));
      return addToReceipts(tx, {
        siteId: upload.siteId,
        instances: batch.flatMap(({ fileId, finding }) =>
          settledIds.has(fileId) && finding.ok && finding.deidentification !== undefined
            ? [{ ...finding.file, deidentification: finding.deidentification }]
            : [],
        ),
        software: context.codeVersion,
        now,
        sign: context.receipts.sign,
      });
    },
  });
  await Promise.all(batch.map(({ stagedKey }) => context.store.delete(stagedKey)));
  // What was put aside for a decision that nobody will be asked for: the site's held files have no more room.
  await removeLooseHeld(
    context,
    batch.flatMap(({ finding }) =>
      finding.ok || finding.held === undefined ? [] : [finding.held.blobKey, finding.held.previewKey],
    ),
  );
}
