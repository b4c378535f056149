/**
 * Requests of one token that come close together are one upload. A PACS sends each study in a request of its own, and
 * the worker would start anew for every one of them.
 */
export interface UploadWindow {
  /** The upload that a request of this token belongs to. */
  join(tokenId: string): string;
  /** Runs a while after the last call for this upload; an earlier one that still waits is dropped. */
  settle(uploadId: string, run: () => Promise<void>): void;
}

export interface UploadWindowOptions {
  readonly windowMs: number;
  readonly settleMs: number;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function createUploadWindow(options: UploadWindowOptions): UploadWindow {
  const open = new Map<string, { readonly uploadId: string; readonly until: number }>();
  const settling = new Map<string, NodeJS.Timeout>();
  return {
    join(tokenId) {
      const at = options.now().getTime();
      for (const [key, { until }] of open) if (until <= at) open.delete(key);
      const current = open.get(tokenId) ?? { uploadId: options.newId(), until: at + options.windowMs };
      open.set(tokenId, current);
      return current.uploadId;
    },
    settle(uploadId, run) {
      clearTimeout(settling.get(uploadId));
      const timer = setTimeout(() => {
        settling.delete(uploadId);
        // The worker finds what waits by itself, only later.
        run().catch(() => undefined);
      }, options.settleMs);
      timer.unref();
      settling.set(uploadId, timer);
    },
  };
}
