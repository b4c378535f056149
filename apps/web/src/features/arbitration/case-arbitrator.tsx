"use client";

import type { ReaderMark } from "@crossread/contracts/reader-mark";
import { isComplete, type ReadingAnswers } from "@crossread/contracts/reading";
import { useState, useSyncExternalStore } from "react";
import { useTRPCClient } from "../../trpc/client.ts";
import { missingAnswers } from "../reading/answer-entry.ts";
import { CheatSheet } from "../reading/cheat-sheet.tsx";
import { browserDrafts } from "../reading/browser-drafts.ts";
import { createDraftSaver, type StoredDraft } from "../reading/draft-saver.ts";
import { isAnswered } from "../reading/is-answered.ts";
import { markKindNames } from "../reading/mark-details.tsx";
import { MarkList } from "../reading/mark-list.tsx";
import { AsideNotice, ConflictNotice } from "../reading/draft-notices.tsx";
import { ReadingForm } from "../reading/reading-form.tsx";
import { RoomBar } from "../reading/room-bar.tsx";
import { createStepClock, watchingClock } from "../reading/step-clock.ts";
import { StepFooter } from "../reading/step-footer.tsx";
import { useCaseMarks } from "../reading/use-case-marks.ts";
import type { ShownMark } from "../viewer/mark-layer.tsx";
import { isDialogOpen, isPressing, isShortcut, isTyping, listeningForKeys } from "../viewer/viewer-keys.ts";
import { leaveForm, useViewerState } from "../viewer/viewer-state.ts";
import { ViewerToolbar } from "../viewer/viewer-toolbar.tsx";
import Viewer from "../viewer/viewer.tsx";
import { arbitrationKeys, focusKeys, mapOnlyKeys } from "./arbitration-keys.ts";
import type { DecidedArbitration, OpenedArbitration } from "./arbitration-room.tsx";
import { OtherReadings } from "./other-readings.tsx";

type Revealed = NonNullable<OpenedArbitration["revealed"]>;

const saveDelayMs = 700;
const stepNames = { independent: "Own reading", decision: "Decision" } as const;

const toDraft = (step: { answers: ReadingAnswers; version: number }): StoredDraft => ({
  answers: step.answers,
  version: step.version,
  mapRating: {},
});

export function CaseArbitrator(props: {
  opened: OpenedArbitration;
  onLocked: (revealed: Revealed) => void;
  onDecided: (decided: DecidedArbitration) => void;
  onOutdated: () => void;
}) {
  const { opened } = props;
  const { arbitrationId, images, revealed } = opened;
  const client = useTRPCClient();
  const viewer = useViewerState();
  const step = revealed === null ? "independent" : "decision";
  const stored = revealed?.decision ?? opened.independent;
  const [clock] = useState(() =>
    createStepClock({
      startMs: stored.durationMs,
      isVisible: !document.hidden,
      now: () => performance.now(),
      storage: browserDrafts(),
      name: `crossread.clock.${arbitrationId}.${step}`,
    }),
  );
  const [watchClock] = useState(() => watchingClock(clock));
  const [saver] = useState(() =>
    createDraftSaver({
      key: { assignmentId: arbitrationId, condition: step },
      stored: toDraft(stored),
      send: async ({ answers, version }) => {
        const durationMs = clock.sendMs();
        const draft = { arbitrationId, step, durationMs, version, answers } as const;
        const saved = await client.arbitration.saveDraft.mutate(draft);
        clock.adopt(saved.ok ? durationMs : saved.stored.durationMs);
        return saved.ok ? saved : { ok: false, stored: toDraft(saved.stored) };
      },
      isFinal: isAnswered,
      storage: browserDrafts(),
      network: window,
      delayMs: saveDelayMs,
    }),
  );
  const draft = useSyncExternalStore(saver.subscribe, saver.getState);
  const { answers } = draft.content;
  const [areMarksShown, setAreMarksShown] = useState(true);
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const [ending, setEnding] = useState<{ isBusy: boolean; error: string | null }>({
    isBusy: false,
    error: null,
  });

  const changeAnswers = (next: Partial<ReadingAnswers>) => {
    const { content } = saver.getState();
    saver.change({ ...content, answers: { ...content.answers, ...next } });
  };
  const marks = useCaseMarks({
    marks: answers.marks,
    images,
    viewer,
    onChange: (next) => changeAnswers({ marks: next }),
  });
  const missing = missingAnswers(answers);
  const canEnd = isComplete(answers) && !ending.isBusy;

  async function endStep() {
    if (!canEnd) return;
    setEnding({ isBusy: true, error: null });
    try {
      const end = { arbitrationId, version: await saver.flush(), durationMs: clock.elapsedMs() };
      if (step === "independent") props.onLocked(await client.arbitration.lock.mutate(end));
      else props.onDecided(await client.arbitration.decide.mutate(end));
      saver.dropAside();
      clock.forget();
    } catch (error) {
      setEnding({ isBusy: false, error: error instanceof Error ? error.message : "It could not be stored." });
      // Locked in another tab: what is stored decides which step this is.
      if (isAnswered(error)) props.onOutdated();
    }
  }

  function handleKey(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return void endStep();
    }
    if (event.key === "Escape" && !isDialogOpen() && isInForm()) return leaveForm();
    if (isTyping(event.target) || isDialogOpen()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return marks.undoOrRedo(event.shiftKey);
    }
    if (isShortcut(event) || isPressing(event)) return;
    if (key === "?") return setIsHelpOpen(true);
    if (marks.handleKey(event)) return;
    if (key === "m") return setAreMarksShown((areShown) => !areShown);
    const field = focusKeys[key];
    if (field !== undefined) {
      event.preventDefault();
      return document.querySelector<HTMLElement>(`[data-focus-key="${field}"]`)?.focus();
    }
    if (mapOnlyKeys.has(key)) return;
    if (viewer.handleKey(event.key, images)) event.preventDefault();
  }

  const keptIds = new Set(answers.marks.map(({ markId }) => markId));
  const others = revealed?.readings ?? [];
  const marksOn = (instanceId: string): ShownMark[] => [
    ...answers.marks
      .filter((mark) => mark.instanceId === instanceId)
      .map((mark) => toShown(mark, markKindNames[mark.kind], false)),
    ...(areMarksShown ? others : []).flatMap((reading, index) =>
      reading.marks
        .filter((mark) => mark.instanceId === instanceId && !keptIds.has(mark.markId))
        .map((mark) => toShown(mark, `Reading ${index + 1}: ${markKindNames[mark.kind]}`, true)),
    ),
  ];
  const restartMarks = () => marks.restart(saver.getState().content.answers.marks);

  return (
    <div
      ref={(element) => {
        const stopKeys = listeningForKeys(handleKey)(element);
        return () => stopKeys?.();
      }}
      className="fixed inset-0 grid min-h-0 grid-cols-[minmax(0,1fr)_21rem] grid-rows-[auto_auto_minmax(0,1fr)]"
    >
      <span ref={watchClock} hidden />
      <RoomBar
        title={`Arbitration of ${opened.readerStudyName}`}
        position={opened.position}
        caseCount={opened.caseCount}
        steps={Object.values(stepNames)}
        currentStep={stepNames[step]}
        save={draft.save}
        onHelp={() => setIsHelpOpen(true)}
      />
      <div className="border-b border-zinc-800 bg-zinc-900">
        <ViewerToolbar state={viewer} images={images} canMark priorCount={opened.priors.length} />
      </div>
      <aside
        aria-label="Arbitration"
        className="row-span-2 flex min-h-0 flex-col border-l border-zinc-800 bg-zinc-900"
      >
        <div className="relative flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-4 py-3">
          {draft.save.kind === "conflict" ? (
            <ConflictNotice
              here={draft.content}
              there={draft.save.stored}
              onChoose={(choice) => {
                saver.resolveConflict(choice);
                restartMarks();
              }}
            />
          ) : null}
          {draft.setAside === null ? null : (
            <AsideNotice
              onExchange={() => {
                saver.exchange();
                restartMarks();
              }}
              onDrop={saver.dropAside}
            />
          )}
          {revealed === null ? (
            <p className="rounded-md border border-zinc-700 px-3 py-2 text-xs text-zinc-300">
              Read the case on your own first. The other readings are shown after you have locked yours.
            </p>
          ) : (
            <OtherReadings
              readings={revealed.readings}
              own={opened.independent.answers}
              images={images}
              keptIds={keptIds}
              areMarksShown={areMarksShown}
              onShowMarks={setAreMarksShown}
              onKeep={(mark, isKept) =>
                marks.change(
                  isKept
                    ? [...answers.marks, mark]
                    : answers.marks.filter(({ markId }) => markId !== mark.markId),
                )
              }
            />
          )}
          <ReadingForm answers={answers} onChange={changeAnswers} />
          <MarkList
            marks={answers.marks}
            images={images}
            selectedId={viewer.settings.selectedMarkId}
            onSelect={marks.select}
            onChange={marks.change}
          />
        </div>
        <StepFooter
          error={ending.error}
          missing={missing}
          complete={
            step === "independent"
              ? "Complete. After the lock this reading cannot change."
              : "Complete. Your decision ends this case and cannot change."
          }
          action={
            step === "independent" ? "Lock and show the other readings" : "Decide and open the next case"
          }
          canEnd={canEnd}
          onEnd={() => void endStep()}
        />
      </aside>
      <main className="min-h-0" aria-label="Images">
        <Viewer
          images={images}
          priors={opened.priors}
          state={viewer}
          marksOn={marksOn}
          editingOn={marks.editingOn}
          aidOf={null}
        />
      </main>
      {isHelpOpen ? <CheatSheet groups={arbitrationKeys} onClose={() => setIsHelpOpen(false)} /> : null}
    </div>
  );
}

const toShown = (mark: ReaderMark, label: string, isReference: boolean): ShownMark => ({
  markId: mark.markId,
  geometry: mark.geometry,
  label,
  isReference,
});

const isInForm = (): boolean => (document.activeElement?.closest("aside") ?? null) !== null;
