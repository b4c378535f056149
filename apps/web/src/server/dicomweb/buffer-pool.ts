/**
 * Large buffers that are used again: memory that is new to the process costs more to touch and to collect than all the
 * rest of receiving a file.
 */
export interface BufferPool {
  /** The largest that lies ready, or a new one of that many bytes. What it holds is left over from before. */
  take(sizeBytes: number): Buffer;
  /** Nobody else may hold it any more. */
  giveBack(buffer: Buffer): void;
}

export interface BufferPoolOptions {
  /** What may lie ready; the rest is left to the collector. */
  readonly keptBytes: number;
  /** After this while without use nothing is kept. */
  readonly idleMs: number;
}

export function createBufferPool({ idleMs, keptBytes }: BufferPoolOptions): BufferPool {
  /** By size, the largest last. */
  let free: Buffer[] = [];
  let freeBytes = 0;
  let idle: NodeJS.Timeout | undefined;

  function drop(): void {
    free = [];
    freeBytes = 0;
  }

  return {
    take(sizeBytes) {
      clearTimeout(idle);
      const largest = free.at(-1);
      if (largest === undefined || largest.length < sizeBytes) return Buffer.allocUnsafeSlow(sizeBytes);
      free.pop();
      freeBytes -= largest.length;
      return largest;
    },
    giveBack(buffer) {
      clearTimeout(idle);
      idle = setTimeout(drop, idleMs).unref();
      if (freeBytes + buffer.length > keptBytes) return;
      const place = free.findIndex(({ length }) => length >= buffer.length);
      free.splice(place < 0 ? free.length : place, 0, buffer);
      freeBytes += buffer.length;
    },
  };
}
