import type { ReaderMark } from "@crossread/contracts/mark";

export interface MarkHistory {
  readonly past: readonly (readonly ReaderMark[])[];
  readonly present: readonly ReaderMark[];
  readonly future: readonly (readonly ReaderMark[])[];
}

const longestHistory = 100;

export const startHistory = (present: readonly ReaderMark[]): MarkHistory => ({
  past: [],
  present,
  future: [],
});

export const recordMarks = (history: MarkHistory, present: readonly ReaderMark[]): MarkHistory => ({
  past: [...history.past, history.present].slice(-longestHistory),
  present,
  future: [],
});

export function undo(history: MarkHistory): MarkHistory {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future] };
}

export function redo(history: MarkHistory): MarkHistory {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future };
}
