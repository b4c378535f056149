import type { Database } from "@crossread/db/database";
import type { QueueClient } from "@crossread/queue/queue-client";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { Logger } from "pino";

/** What the DICOM receiver works with. */
export interface DimseContext {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly queue: Pick<QueueClient, "enqueue">;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly limits: DimseLimits;
}

export interface DimseLimits {
  readonly maxAssociations: number;
  readonly maxInstanceBytes: number;
  /** What may wait of one site for the worker. */
  readonly maxStagedFiles: number;
  readonly maxStagedBytes: number;
  /** After so long without a file, what has come is read although the association is still open. */
  readonly idleIngestMs: number;
}

export const dimseLimits: DimseLimits = {
  maxAssociations: 8,
  maxInstanceBytes: 160 * 1024 * 1024,
  maxStagedFiles: 20_000,
  maxStagedBytes: 128 * 1024 * 1024 * 1024,
  idleIngestMs: 10_000,
};
