/** Every step of drawing, so that it can be taken back. */
export interface MarkHistory<TMark> {
  readonly past: readonly (readonly TMark[])[];
  readonly present: readonly TMark[];
  readonly future: readonly (readonly TMark[])[];
  /** What made the present: further steps of the same gesture replace it. */
  readonly gesture: string | null;
}

const longestHistory = 200;

export const startHistory = <TMark>(present: readonly TMark[]): MarkHistory<TMark> => ({
  past: [],
  present,
  future: [],
  gesture: null,
});

/** Steps of one gesture are undone together; without a gesture each is undone on its own. */
export function recordMarks<TMark>(
  history: MarkHistory<TMark>,
  present: readonly TMark[],
  gesture: string | null = null,
): MarkHistory<TMark> {
  if (gesture !== null && gesture === history.gesture) return { ...history, present, future: [] };
  return {
    past: [...history.past, history.present].slice(-longestHistory),
    present,
    future: [],
    gesture,
  };
}

export function undo<TMark>(history: MarkHistory<TMark>): MarkHistory<TMark> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present,
    future: [history.present, ...history.future],
    gesture: null,
  };
}

export function redo<TMark>(history: MarkHistory<TMark>): MarkHistory<TMark> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, gesture: null };
}
