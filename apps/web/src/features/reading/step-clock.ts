/** Time during which the page was in sight, in ms; a hidden tab does not read. */
export interface StepClock {
  readonly elapsedMs: () => number;
  readonly setVisible: (isVisible: boolean) => void;
  /** Leaves the time so far behind for another tab, or for after a crash. */
  readonly keep: () => void;
  /** The time to send with a draft. */
  readonly sendMs: () => number;
  /** The server has this much: where it is not what was sent, another computer read on, and its time is added. */
  readonly adopt: (storedMs: number) => void;
  /** The step is over. */
  readonly forget: () => void;
}

export function createStepClock(options: {
  readonly startMs: number;
  readonly isVisible: boolean;
  readonly now: () => number;
  /** Shared by the tabs of this browser, one of which is in sight at a time. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly name: string;
}): StepClock {
  const { name, now, storage } = options;
  const keptMs = () => Number(storage.getItem(name) ?? 0) || 0;
  const sentMs = new Set<number>();
  let acknowledgedMs = options.startMs;
  let total = Math.max(options.startMs, keptMs());
  let since = options.isVisible ? now() : undefined;
  const elapsedMs = () => Math.round(total + (since === undefined ? 0 : now() - since));
  let isOver = false;
  const keep = () => {
    if (!isOver) storage.setItem(name, String(elapsedMs()));
  };
  return {
    elapsedMs,
    keep,
    sendMs() {
      const ms = elapsedMs();
      sentMs.add(ms);
      return ms;
    },
    adopt(storedMs) {
      if (!sentMs.has(storedMs)) total += Math.max(0, storedMs - acknowledgedMs);
      acknowledgedMs = Math.max(acknowledgedMs, storedMs);
    },
    forget() {
      isOver = true;
      storage.removeItem(name);
    },
    setVisible(isVisible) {
      if (isVisible === (since !== undefined)) return;
      if (since === undefined) {
        // What another tab read on meanwhile is on the server with its drafts.
        const ofOthersMs = keptMs();
        if (ofOthersMs > total) [total, acknowledgedMs] = [ofOthersMs, Math.max(acknowledgedMs, ofOthersMs)];
        since = now();
      } else {
        total += now() - since;
        since = undefined;
        keep();
      }
    },
  };
}

const keepEveryMs = 1_000;

/** For `ref`: follows the page in and out of sight while the element is mounted. */
export const watchingClock = (clock: StepClock) => (element: HTMLElement | null) => {
  if (element === null) return;
  const watch = () => clock.setVisible(!document.hidden);
  const timer = setInterval(() => {
    if (!document.hidden) clock.keep();
  }, keepEveryMs);
  document.addEventListener("visibilitychange", watch);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", watch);
  };
};
