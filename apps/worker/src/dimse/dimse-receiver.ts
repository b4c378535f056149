import { randomUUID } from "node:crypto";
import { openDatabase } from "@crossread/db/database";
import { createQueueClient } from "@crossread/queue/queue-client";
import type { Logger } from "pino";
import { openBlobStore, type StoreSettings } from "../blob-store.ts";
import { dimseLimits } from "./dimse-context.ts";
import { startDimseServer, type DimseServer } from "./dimse-server.ts";

interface ReceiverOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly store: StoreSettings;
  readonly logger: Logger;
}

/** The DICOM receiver on connections of its own, beside the worker's jobs. */
export async function openDimseReceiver(
  options: ReceiverOptions,
  address: { readonly host: string; readonly port: number },
): Promise<Pick<DimseServer, "close">> {
  const { databaseUrl, logger, redisUrl } = options;
  const db = openDatabase(databaseUrl);
  const queue = await createQueueClient({ databaseUrl, redisUrl });
  const server = await startDimseServer(
    {
      db,
      queue,
      logger,
      store: await openBlobStore(options.store),
      now: () => new Date(),
      newId: randomUUID,
      limits: dimseLimits,
    },
    address,
  );
  logger.info(address, "receiving DICOM");
  return {
    async close() {
      await server.close();
      await queue.close();
      await db.$disconnect();
    },
  };
}
