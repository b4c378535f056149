import { setTimeout as sleep } from "node:timers/promises";

/** Loads again and again and yields what has changed, until the subscriber leaves. */
export async function* changesOf<TValue>(
  load: () => Promise<TValue>,
  options: { intervalMs: number; signal: AbortSignal | undefined },
): AsyncGenerator<TValue> {
  let known: string | undefined;
  while (options.signal?.aborted !== true) {
    const value = await load();
    const text = JSON.stringify(value);
    if (text !== known) {
      known = text;
      yield value;
    }
    await sleep(options.intervalMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
