"use client";

import type { ReadingAnswers } from "@crossread/contracts/reading";
import { useState, useSyncExternalStore } from "react";
import { failureText } from "../../components/failure-text.ts";
import { browserDrafts } from "./browser-drafts.ts";
import {
  createDraftSaver,
  type DraftContent,
  type DraftSaverOptions,
  type StoredDraft,
} from "./draft-saver.ts";
import { isAnswered } from "./is-answered.ts";
import { isSecondPress } from "./second-press.ts";
import { createStepClock, watchingClock } from "./step-clock.ts";

interface TimedDraft extends StoredDraft {
  readonly durationMs: number;
}

interface StepEnd {
  readonly version: number;
  readonly durationMs: number;
}

export type StepDraft = ReturnType<typeof useStepDraft>;

const saveDelayMs = 700;

/** One step of one case: its draft, saved while it is written, the time it takes, and its one end. */
export function useStepDraft(options: {
  /** Stays the same while the component is mounted, as `stored` does. */
  key: DraftSaverOptions["key"];
  stored: TimedDraft;
  save: (
    draft: TimedDraft,
  ) => Promise<
    { readonly ok: true; readonly version: number } | { readonly ok: false; readonly stored: TimedDraft }
  >;
  end: (end: StepEnd) => Promise<void>;
  /** Nothing is missing when it opens, so that the second click on the step before would end this one unseen. */
  opensComplete?: boolean;
  onOutdated: () => void;
}) {
  const { key, stored } = options;
  const [clock] = useState(() =>
    createStepClock({
      startMs: stored.durationMs,
      isVisible: !document.hidden,
      now: () => performance.now(),
      storage: browserDrafts(),
      name: `crossread.clock.${key.assignmentId}.${key.condition}`,
    }),
  );
  const [openedAtMs] = useState(() => performance.now());
  const [watchClock] = useState(() => watchingClock(clock));
  const [saver] = useState(() =>
    createDraftSaver({
      key,
      stored,
      async send({ answers, mapRating, version }) {
        const durationMs = clock.sendMs();
        const result = await options.save({ answers, mapRating, version, durationMs });
        clock.adopt(result.ok ? durationMs : result.stored.durationMs);
        return result;
      },
      isFinal: isAnswered,
      storage: browserDrafts(),
      network: window,
      delayMs: saveDelayMs,
    }),
  );
  const { content, save, setAside } = useSyncExternalStore(saver.subscribe, saver.getState);
  const [ending, setEnding] = useState<{ isBusy: boolean; error: string | null }>({
    isBusy: false,
    error: null,
  });

  const change = (next: Partial<DraftContent>) => saver.change({ ...saver.getState().content, ...next });

  async function end(pressedAtMs: number): Promise<void> {
    if (options.opensComplete === true && isSecondPress(pressedAtMs, openedAtMs)) return;
    setEnding({ isBusy: true, error: null });
    try {
      await options.end({ version: await saver.flush(), durationMs: clock.elapsedMs() });
      saver.dropAside();
      clock.forget();
    } catch (error) {
      setEnding({
        isBusy: false,
        error: error instanceof Error ? failureText(error) : "It could not be stored.",
      });
      // Locked in another tab: what is stored decides which step this is.
      if (isAnswered(error)) options.onOutdated();
    }
  }

  return {
    content,
    save,
    setAside,
    ending,
    /** For `ref`: an element that is mounted as long as the step is on the screen. */
    watchClock,
    change,
    changeAnswers: (next: Partial<ReadingAnswers>) =>
      change({ answers: { ...saver.getState().content.answers, ...next } }),
    end,
    /** The marks that stand now, also before they are rendered. */
    marks: () => saver.getState().content.answers.marks,
    resolveConflict: saver.resolveConflict,
    exchange: saver.exchange,
    dropAside: saver.dropAside,
  };
}
