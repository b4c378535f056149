const windowMs = 10_000;
const soonestMs = 1_500;

/** Bytes a second over the last ten seconds, from growing totals. */
export function createRateEstimate(): {
  note(totalBytes: number, atMs: number): void;
  bytesPerSecond(atMs: number): number | undefined;
  clear(): void;
} {
  let points: { atMs: number; totalBytes: number }[] = [];
  return {
    note(totalBytes, atMs) {
      points.push({ atMs, totalBytes });
      while (points.length > 2 && atMs - (points[1]?.atMs ?? atMs) > windowMs) points.shift();
    },
    bytesPerSecond(atMs) {
      const first = points[0];
      const last = points.at(-1);
      if (first === undefined || last === undefined || atMs - first.atMs < soonestMs) return undefined;
      return ((last.totalBytes - first.totalBytes) * 1_000) / (atMs - first.atMs);
    },
    clear() {
      points = [];
    },
  };
}
