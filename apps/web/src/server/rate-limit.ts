export interface RateLimit {
  /** Whether one more attempt under this key is within the limit; counts it. */
  take(key: string): boolean;
  /** Forgets the attempts of a key. */
  clear(key: string): void;
}

export interface RateLimitOptions {
  readonly limit: number;
  readonly windowMs: number;
  readonly now: () => number;
}

const largestKeyCount = 10_000;

/** Sliding window in this process's memory: each web process counts for itself. */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const attempts = new Map<string, number[]>();
  return {
    take(key) {
      const since = options.now() - options.windowMs;
      const recent = (attempts.get(key) ?? []).filter((at) => at > since);
      const isWithin = recent.length < options.limit;
      if (isWithin) recent.push(options.now());
      // Re-inserted, so that the first key of the map is the one longest unused.
      attempts.delete(key);
      attempts.set(key, recent);
      const oldest = attempts.keys().next().value;
      if (attempts.size > largestKeyCount && oldest !== undefined) attempts.delete(oldest);
      return isWithin;
    },
    clear(key) {
      attempts.delete(key);
    },
  };
}
