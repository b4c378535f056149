import type { Point } from "./affine.ts";

/** Where hand or arrow keys point at: marks are placed there and the magnifier stands there. */
interface CursorPlace {
  readonly viewportId: string;
  /** In pixels of the image. */
  readonly at: Point;
  /** A cursor moved by keys is drawn; the hand has its own. */
  readonly isByKeys: boolean;
}

/** Outside React's state: it changes with every movement of the hand. */
export interface Cursor {
  readonly get: () => CursorPlace | undefined;
  readonly set: (place: CursorPlace) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createCursor(): Cursor {
  let place: CursorPlace | undefined;
  const listeners = new Set<() => void>();
  return {
    get: () => place,
    set(next) {
      place = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
