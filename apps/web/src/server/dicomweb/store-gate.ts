/** Bounds what requests hold in memory at a time: the others wait with their bodies unread, or are sent away. */
export interface StoreGate {
  /** Undefined where too many wait already. */
  enter(): Promise<void> | undefined;
  leave(): void;
}

export function createStoreGate(options: { atOnce: number; waiting: number }): StoreGate {
  let inside = 0;
  const queue: (() => void)[] = [];
  return {
    enter() {
      if (inside < options.atOnce) {
        inside += 1;
        return Promise.resolve();
      }
      if (queue.length >= options.waiting) return undefined;
      return new Promise((resolve) => queue.push(resolve));
    },
    leave() {
      const next = queue.shift();
      // The place is handed on, not given back: nobody slips in between.
      if (next === undefined) inside -= 1;
      else next();
    },
  };
}
