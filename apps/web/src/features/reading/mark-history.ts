import type { ReaderMark } from "@crossread/contracts/reader-mark";

export interface MarkHistory {
  readonly past: readonly (readonly ReaderMark[])[];
  readonly present: readonly ReaderMark[];
  readonly future: readonly (readonly ReaderMark[])[];
  /** What made the present: further steps of the same gesture replace it. */
  readonly gesture: string | null;
}

const longestHistory = 100;

export const startHistory = (present: readonly ReaderMark[]): MarkHistory => ({
  past: [],
  present,
  future: [],
  gesture: null,
});

/** Steps of one gesture are undone together; without a gesture each is undone on its own. */
export function recordMarks(
  history: MarkHistory,
  present: readonly ReaderMark[],
  gesture: string | null = null,
): MarkHistory {
  if (gesture !== null && gesture === history.gesture) return { ...history, present, future: [] };
  return {
    past: [...history.past, history.present].slice(-longestHistory),
    present,
    future: [],
    gesture,
  };
}

export function undo(history: MarkHistory): MarkHistory {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present,
    future: [history.present, ...history.future],
    gesture: null,
  };
}

export function redo(history: MarkHistory): MarkHistory {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, gesture: null };
}
