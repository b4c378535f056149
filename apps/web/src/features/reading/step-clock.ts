/** Time during which the page was in sight, in ms; a hidden tab does not read. */
export interface StepClock {
  readonly elapsedMs: () => number;
  readonly setVisible: (isVisible: boolean) => void;
}

export function createStepClock(options: {
  startMs: number;
  isVisible: boolean;
  now: () => number;
}): StepClock {
  let total = options.startMs;
  let since = options.isVisible ? options.now() : undefined;
  return {
    elapsedMs: () => Math.round(total + (since === undefined ? 0 : options.now() - since)),
    setVisible(isVisible) {
      if (isVisible === (since !== undefined)) return;
      if (since !== undefined) total += options.now() - since;
      since = isVisible ? options.now() : undefined;
    },
  };
}
