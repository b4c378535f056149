/** Longer than anybody waits between the two clicks of a double click. */
const longestDoubleClickMs = 1_000;

/**
 * Whether a click or key was still meant for the step before the one that it finds. Times are those of the events: a busy
 * page handles a click long after it was made.
 */
export const isSecondPress = (pressedAtMs: number, openedAtMs: number): boolean =>
  pressedAtMs - openedAtMs < longestDoubleClickMs;
