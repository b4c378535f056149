import type { Database } from "@crossread/db/database";
import type { Actor } from "@crossread/db/people";
import type { QueueClient } from "@crossread/queue/queue-client";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { RateLimit } from "../rate-limit.ts";
import type { RenderPool } from "../rendering/render-pool.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { SopClasses } from "./sop-classes.ts";
import type { StoreGate } from "./store-gate.ts";
import type { UploadWindow } from "./upload-window.ts";

/** What the DICOMweb services work with; handed in, so that their rules are tested without a server. */
export interface DicomWebServices {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly queue: () => Promise<Pick<QueueClient, "enqueue">>;
  /** The signed-in person behind the request's cookies. */
  readonly actor: () => Promise<Actor | undefined>;
  readonly now: () => Date;
  /** Address of the service without a slash at its end, for retrieve URLs. */
  readonly baseUrl: string;
  readonly limits: {
    /** Wrong tokens, by address. */
    readonly refused: RateLimit;
    /** Requests, by token. */
    readonly requests: RateLimit;
  };
  readonly render: RenderPool["render"];
  readonly sopClasses: SopClasses;
  readonly storeGate: StoreGate;
  /** Where instances lie while they are received. */
  readonly buffers: BufferPool;
  readonly uploadWindow: UploadWindow;
  readonly storeLimits: StoreLimits;
}

export interface StoreLimits {
  readonly maxInstanceBytes: number;
  readonly maxRequestBytes: number;
  readonly maxInstances: number;
  /** What may wait of one site for the worker. */
  readonly maxStagedFiles: number;
  readonly maxStagedBytes: number;
}

/** A full-field mammogram at 50 µm and 16 bits has 58 MB. */
export const storeLimits: StoreLimits = {
  maxInstanceBytes: 160 * 1024 * 1024,
  maxRequestBytes: 4 * 1024 * 1024 * 1024,
  maxInstances: 2_000,
  maxStagedFiles: 20_000,
  maxStagedBytes: 128 * 1024 * 1024 * 1024,
};
