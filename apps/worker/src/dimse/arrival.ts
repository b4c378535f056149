import { createHash } from "node:crypto";
import {
  closeNetworkUpload,
  isKnownFile,
  openNetworkUpload,
  recordArrivedFile,
  sumStagedFiles,
} from "@crossread/db/network-uploads";
import type { DimseContext } from "./dimse-context.ts";

export type ArrivalStatus = "stored" | "out-of-resources";

/** The files of one association: each is safe, bytes and row, before the sender is told so. */
export interface Arrival {
  store(bytes: Uint8Array): Promise<ArrivalStatus>;
  /** Hands over what has come so far; the association may go on. */
  ingest(): Promise<void>;
  end(): Promise<void>;
}

export function createArrival(context: DimseContext, siteId: string): Arrival {
  const upload = { siteId, uploadId: context.newId() };
  let opening: Promise<void> | undefined;
  let fileCount = 0;
  let hasNews = false;

  const enqueue = async () => {
    if (!hasNews) return;
    hasNews = false;
    await context.queue.enqueue("ingest-upload", upload);
  };
  return {
    async store(bytes) {
      const { db, limits } = context;
      if (fileCount % filesPerLook === 0) {
        const staged = await sumStagedFiles(db, siteId);
        const isFull = staged.fileCount >= limits.maxStagedFiles || staged.sizeBytes >= limits.maxStagedBytes;
        if (isFull) return "out-of-resources";
      }
      opening ??= openNetworkUpload(db, { ...upload, source: "dimse", now: context.now() });
      await opening;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const isKnown = await isKnownFile(db, { siteId, sha256 });
      const stagedKey = isKnown ? undefined : `uploads/${siteId}/${upload.uploadId}/${sha256}.dcm`;
      if (stagedKey !== undefined) await context.store.put(stagedKey, bytes);
      await recordArrivedFile(db, upload, { sha256, sizeBytes: bytes.length, stagedKey });
      fileCount += 1;
      hasNews ||= stagedKey !== undefined;
      return "stored";
    },
    ingest: enqueue,
    async end() {
      if (fileCount === 0) return;
      const isWaiting = await closeNetworkUpload(context.db, { ...upload, now: context.now() });
      hasNews = isWaiting;
      await enqueue();
    },
  };
}

/** Asking before every file would cost more than the file. */
const filesPerLook = 20;
