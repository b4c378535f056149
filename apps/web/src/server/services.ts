import "server-only";
import type { Database } from "@crossread/db/database";
import { openWebDatabase } from "@crossread/db/web-database";
import { createQueueClient, type QueueClient } from "@crossread/queue/queue-client";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import type { ObjectStore } from "@crossread/storage/object-store";
import { createS3ObjectStore } from "@crossread/storage/s3-object-store";
import { env, type Environment } from "../env.ts";

interface Opened {
  db?: Database;
  queue?: Promise<QueueClient>;
  store?: ObjectStore;
}

/** On globalThis, because the development server evaluates modules again after every change. */
const opened = ((globalThis as { crossreadServices?: Opened }).crossreadServices ??= {});

/** Sees no row of any site: a request puts its scope on it (`underScope`). */
export function database(): Database {
  return (opened.db ??= openWebDatabase(env().DATABASE_URL));
}

/** Opened at the first job: a page that only reads does not wait for the queue's schema. */
export function queue(): Promise<QueueClient> {
  opened.queue ??= createQueueClient({
    databaseUrl: env().DATABASE_URL,
    redisUrl: env().REDIS_URL,
  }).catch((error: unknown) => {
    delete opened.queue;
    throw error;
  });
  return opened.queue;
}

export function objectStore(): ObjectStore {
  return (opened.store ??= openStore(env()));
}

/** S3 where an endpoint is named, files otherwise; the environment has been checked to name one whole. */
function openStore(given: Environment): ObjectStore {
  if (given.S3_ENDPOINT === undefined) return createFileObjectStore(given.BLOB_DIRECTORY ?? "");
  return createS3ObjectStore({
    endpoint: given.S3_ENDPOINT,
    region: given.S3_REGION,
    bucket: given.S3_BUCKET ?? "",
    accessKeyId: given.S3_ACCESS_KEY_ID ?? "",
    secretAccessKey: given.S3_SECRET_ACCESS_KEY ?? "",
  });
}
