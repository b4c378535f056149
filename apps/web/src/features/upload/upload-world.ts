"use client";

import { useTRPCClient } from "../../trpc/client.ts";
import { openJournal, type Journal } from "./journal.ts";
import { createUploadSession, type UploadSession } from "./upload-session.ts";
import { createWorkerPool, type WorkerLike } from "./worker-pool.ts";

type Client = ReturnType<typeof useTRPCClient>;

export interface UploadTools {
  readonly session: UploadSession;
  readonly journal: Promise<Journal | undefined>;
  readonly preview: ReturnType<typeof createWorkerPool>["run"];
}

const mostWorkers = 8;

/** One upload a tab: it goes on while its owner looks at other pages of the application. */
let tools: UploadTools | undefined;

export function useUploadTools(): UploadTools {
  const client = useTRPCClient();
  return (tools ??= createTools(client));
}

function createTools(client: Client): UploadTools {
  const size = Math.min(mostWorkers, Math.max(2, globalThis.navigator?.hardwareConcurrency ?? 2));
  const pool = createWorkerPool(
    size,
    (): WorkerLike => new Worker(new URL("./file-worker.ts", import.meta.url), { type: "module" }),
  );
  // Private windows may refuse storage: the upload then works without memory of an interruption.
  const journal =
    typeof indexedDB === "undefined"
      ? Promise.resolve(undefined)
      : openJournal(indexedDB).catch(() => undefined);
  let opened: Journal | undefined;
  void journal.then((one) => (opened = one));
  const session = createUploadSession({
    pool,
    get journal() {
      return opened;
    },
    nowMs: () => Date.now(),
    newUploadId: () => crypto.randomUUID(),
    open: (upload) => client.uploads.open.mutate(upload),
    nudge: (upload) => client.uploads.ingest.mutate(upload),
    finish: (upload) => client.uploads.finish.mutate(upload),
    cancel: (upload) => client.uploads.cancel.mutate(upload),
  });
  return { session, journal, preview: pool.run };
}
