import "server-only";
import { openDatabase, type Database } from "@crossread/db/database";
import { createQueueClient, type QueueClient } from "@crossread/queue/queue-client";
import { env } from "../env.ts";

interface Opened {
  db?: Database;
  queue?: Promise<QueueClient>;
}

/** On globalThis, because the development server evaluates modules again after every change. */
const opened = ((globalThis as { crossreadServices?: Opened }).crossreadServices ??= {});

export function database(): Database {
  return (opened.db ??= openDatabase(env().DATABASE_URL));
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
