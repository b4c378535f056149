/** Milliseconds of any steady clock. */
export type Clock = () => number;

export interface TimeLeft {
  /** Runs and times one piece of work. */
  measure<TValue>(kind: "step" | "tuning", work: () => Promise<TValue>): Promise<TValue>;
  /** Milliseconds that this much work will take; null before anything comparable was measured. */
  estimate(work: { readonly steps: number; readonly tunings: number }): number | null;
}

const windowLength = 30;

/** Time left from the mean of the latest durations of each kind; a session's first step, which warms up, counts only until a second. */
export function createTimeLeft(clock: Clock): TimeLeft {
  const durations = { step: [] as number[], tuning: [] as number[] };
  const meanOf = (kind: keyof typeof durations) => {
    const all = durations[kind];
    const counted = all.length > 1 ? all.slice(1) : all;
    return counted.length === 0 ? undefined : counted.reduce((sum, value) => sum + value, 0) / counted.length;
  };
  return {
    measure: async (kind, work) => {
      const startedAt = clock();
      const value = await work();
      const all = durations[kind];
      all.push(clock() - startedAt);
      if (all.length > windowLength) all.splice(1, 1);
      return value;
    },
    estimate: ({ steps, tunings }) => {
      const step = meanOf("step");
      if (step === undefined) return null;
      return steps * step + tunings * (meanOf("tuning") ?? 0);
    },
  };
}
