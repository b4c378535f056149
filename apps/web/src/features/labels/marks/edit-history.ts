import type { ReferenceMark } from "@crossread/contracts/reference-mark";

/** What the editor has not stored yet, with every step on the way. */
export interface EditHistory {
  readonly past: readonly (readonly ReferenceMark[])[];
  readonly present: readonly ReferenceMark[];
  readonly future: readonly (readonly ReferenceMark[])[];
}

const longestHistory = 200;

export const startHistory = (present: readonly ReferenceMark[]): EditHistory => ({
  past: [],
  present,
  future: [],
});

export const record = (history: EditHistory, present: readonly ReferenceMark[]): EditHistory => ({
  past: [...history.past, history.present].slice(-longestHistory),
  present,
  future: [],
});

export function undo(history: EditHistory): EditHistory {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future] };
}

export function redo(history: EditHistory): EditHistory {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future };
}
