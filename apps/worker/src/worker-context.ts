import type { DatasetSource } from "@crossread/contracts/dataset-source";
import type { Database } from "@crossread/db/database";
import type { QueueClient } from "@crossread/queue/queue-client";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { Logger } from "pino";
import type { ChildRunner } from "./children/child-runner.ts";
import type { Ingest } from "./ingest-limits.ts";
import type { ReceiptSigner } from "@crossread/dicom/deidentify/receipt-signature";
import type { DemonstrationPlan } from "./demonstration-plan.ts";

/** What every job works with. */
export interface WorkerContext {
  readonly db: Database;
  readonly store: ObjectStore;
  readonly queue: QueueClient;
  readonly children: ChildRunner;
  readonly ingest: Ingest;
  /** Opens the sites' keys. */
  readonly masterKey: Uint8Array;
  readonly receipts: ReceiptSigner;
  readonly logger: Logger;
  readonly engine: { readonly name: string; readonly threadCount: number };
  readonly imageNetWeightsFile: string | undefined;
  readonly dataset: DatasetSource | undefined;
  readonly demonstration: DemonstrationPlan;
  /** In every manifest that this worker writes. */
  readonly codeVersion: string;
  readonly now: () => Date;
}
