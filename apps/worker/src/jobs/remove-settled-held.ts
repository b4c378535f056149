import { findLooseHeldKeys, forgetHeld, listSettledHeld } from "@crossread/db/held-files";
import type { WorkerContext } from "../worker-context.ts";

const filesAtATime = 200;

/** What was kept of files for a decision goes when they have been taken in or left out: first blobs, then rows. */
export async function removeSettledHeld({ db, store }: WorkerContext): Promise<void> {
  for (;;) {
    const settled = await listSettledHeld(db, filesAtATime);
    for (const { keys } of settled) for (const key of keys) await store.delete(key);
    await forgetHeld(
      db,
      settled.map(({ fileId }) => fileId),
    );
    if (settled.length < filesAtATime) return;
  }
}

/** Blobs of a worker that died before it could say what they are for. */
export async function removeAllLooseHeld(context: WorkerContext): Promise<void> {
  await removeLooseHeld(context, await context.store.list("held/"));
}

/** Those of these blobs that no held file needs. */
export async function removeLooseHeld({ db, store }: WorkerContext, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += filesAtATime) {
    const some = keys.slice(start, start + filesAtATime);
    for (const key of await findLooseHeldKeys(db, some)) await store.delete(key);
  }
}
