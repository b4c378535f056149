"use client";

import { isComplete, mapRatingSchema, type ReadingAnswers } from "@crossread/contracts/reading";
import { useQuery } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { useTRPC, useTRPCClient } from "../../trpc/client.ts";
import type { ShownMark } from "../viewer/mark-layer.tsx";
import { MapControls } from "../viewer/map-controls.tsx";
import { isDialogOpen, isPressing, isShortcut, isTyping, listeningForKeys } from "../viewer/viewer-keys.ts";
import { leaveForm, useViewerState } from "../viewer/viewer-state.ts";
import { ViewerToolbar } from "../viewer/viewer-toolbar.tsx";
import Viewer from "../viewer/viewer.tsx";
import { missingAnswers } from "./answer-entry.ts";
import { browserDrafts } from "./browser-drafts.ts";
import { CheatSheet } from "./cheat-sheet.tsx";
import { AsideNotice, ConflictNotice } from "./draft-notices.tsx";
import { createDraftSaver, type DraftContent } from "./draft-saver.ts";
import { isAnswered } from "./is-answered.ts";
import { MapRatingForm } from "./map-rating-form.tsx";
import { markKindNames } from "./mark-details.tsx";
import { MarkList } from "./mark-list.tsx";
import { ReadingForm } from "./reading-form.tsx";
import type { OpenedCase, SubmittedCase } from "./reading-room.tsx";
import type { ReadingStep } from "./reading-step.ts";
import { RoomBar } from "./room-bar.tsx";
import { StepFooter } from "./step-footer.tsx";
import { createStepClock, watchingClock } from "./step-clock.ts";
import { useCaseMarks } from "./use-case-marks.ts";

const saveDelayMs = 700;
const stepNames = { unaided: "Unaided", aided: "With aid" } as const;

export function CaseReader(props: {
  readCase: OpenedCase;
  step: ReadingStep;
  onLocked: (aided: NonNullable<OpenedCase["aided"]>) => void;
  onSubmitted: (outcome: SubmittedCase) => void;
  onOutdated: () => void;
}) {
  const { readCase } = props;
  const { assignmentId, images } = readCase;
  const client = useTRPCClient();
  const trpc = useTRPC();
  const viewer = useViewerState();
  const { condition, stored, isLast } = props.step;
  const [clock] = useState(() =>
    createStepClock({
      startMs: stored.durationMs,
      isVisible: !document.hidden,
      now: () => performance.now(),
      storage: browserDrafts(),
      name: `crossread.clock.${assignmentId}.${condition}`,
    }),
  );
  const [watchClock] = useState(() => watchingClock(clock));
  const [saver] = useState(() =>
    createDraftSaver({
      key: { assignmentId, condition },
      stored,
      async send({ answers, mapRating, version }) {
        const durationMs = clock.sendMs();
        const result = await client.reading.saveDraft.mutate({
          assignmentId,
          condition,
          durationMs,
          version,
          answers,
          mapRating,
        });
        clock.adopt(result.ok ? durationMs : result.stored.durationMs);
        return result;
      },
      isFinal: isAnswered,
      storage: browserDrafts(),
      network: window,
      delayMs: saveDelayMs,
    }),
  );
  const draft = useSyncExternalStore(saver.subscribe, saver.getState);
  const { answers, mapRating } = draft.content;
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const [ending, setEnding] = useState<{ isBusy: boolean; error: string | null }>({
    isBusy: false,
    error: null,
  });
  const aid = useQuery(trpc.reading.aid.queryOptions({ assignmentId }, { enabled: condition === "aided" }));

  const change = (content: Partial<DraftContent>) =>
    saver.change({ ...saver.getState().content, ...content });
  const changeAnswers = (next: Partial<ReadingAnswers>) =>
    change({ answers: { ...saver.getState().content.answers, ...next } });
  const marks = useCaseMarks({
    marks: answers.marks,
    images,
    viewer,
    onChange: (next) => changeAnswers({ marks: next }),
  });
  const missing = [
    ...missingAnswers(answers),
    ...(condition === "aided" && !mapRatingSchema.safeParse(mapRating).success ? ["map questions"] : []),
  ];
  const canEnd = isComplete(answers) && missing.length === 0 && !ending.isBusy;

  async function endStep() {
    if (!canEnd) return;
    setEnding({ isBusy: true, error: null });
    try {
      const end = { assignmentId, version: await saver.flush(), durationMs: clock.elapsedMs() };
      if (isLast) props.onSubmitted(await client.reading.submit.mutate(end));
      else props.onLocked(await client.reading.lock.mutate(end));
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
    if (event.key === "Escape" && !isDialogOpen() && isInForm()) {
      // Back from the form to the images, where the next Escape puts tool and choice away.
      return leaveForm();
    }
    if (isTyping(event.target) || isDialogOpen()) return;
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return marks.undoOrRedo(event.shiftKey);
    }
    if (isShortcut(event) || isPressing(event)) return;
    if (event.key === "?") return setIsHelpOpen(true);
    if (marks.handleKey(event)) return;
    const field = focusKeys[event.key.toLowerCase()];
    if (field !== undefined) {
      event.preventDefault();
      return document.querySelector<HTMLElement>(`[data-focus-key="${field}"]`)?.focus();
    }
    if (viewer.handleKey(event.key, images)) event.preventDefault();
  }

  const marksOn = (instanceId: string): ShownMark[] =>
    answers.marks
      .filter((mark) => mark.instanceId === instanceId)
      .map((mark) => ({
        markId: mark.markId,
        geometry: mark.geometry,
        label: markKindNames[mark.kind],
        isReference: false,
      }));
  const restartMarks = () => marks.restart(saver.getState().content.answers.marks);
  const aidOf = (instanceId: string) => {
    const image = aid.data?.images.find((candidate) => candidate.instanceId === instanceId);
    if (image === undefined) return undefined;
    const maps = image.maps.filter((map) => map.classLabel === viewer.settings.map.classLabel);
    return { score: image.score, maps, chain: image.chain };
  };
  const mapClasses = new Set(
    aid.data?.images.flatMap(({ maps }) => maps.map(({ classLabel }) => classLabel)),
  );

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
        title={readCase.readerStudyName}
        position={readCase.position}
        caseCount={readCase.caseCount}
        steps={readCase.conditions.map((each) => stepNames[each])}
        currentStep={stepNames[condition]}
        save={draft.save}
        onHelp={() => setIsHelpOpen(true)}
      />
      <div className="border-b border-zinc-800 bg-zinc-900">
        <ViewerToolbar state={viewer} images={images} canMark priorCount={readCase.priors.length} />
      </div>
      <aside
        aria-label="Reading"
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
          {condition === "aided" ? (
            <section aria-label="Saliency map" className="flex flex-col gap-2">
              <h2 className="text-sm font-semibold text-zinc-100">Saliency map (Grad-CAM)</h2>
              {aid.error === null ? null : (
                <p role="alert" className="text-xs text-orange-300">
                  {aid.error.message}
                </p>
              )}
              <MapControls state={viewer} classes={[...mapClasses]} canShowInput />
            </section>
          ) : null}
          <ReadingForm answers={answers} onChange={changeAnswers} />
          <MarkList
            marks={answers.marks}
            images={images}
            selectedId={viewer.settings.selectedMarkId}
            onSelect={marks.select}
            onChange={marks.change}
          />
          {condition === "aided" ? (
            <MapRatingForm rating={mapRating} onChange={(next) => change({ mapRating: next })} />
          ) : null}
        </div>
        <StepFooter
          error={ending.error}
          missing={missing}
          complete={
            isLast
              ? "Complete. Submitting ends this case."
              : "Complete. After the lock these answers cannot change."
          }
          action={isLast ? "Submit and open the next case" : "Lock and show the model’s aid"}
          canEnd={canEnd}
          onEnd={() => void endStep()}
        />
      </aside>
      <main className="min-h-0" aria-label="Images">
        <Viewer
          images={images}
          priors={readCase.priors}
          state={viewer}
          marksOn={marksOn}
          editingOn={marks.editingOn}
          aidOf={condition === "aided" ? aidOf : null}
          nextImages={readCase.next?.images}
        />
      </main>
      {isHelpOpen ? <CheatSheet onClose={() => setIsHelpOpen(false)} /> : null}
    </div>
  );
}

const isInForm = (): boolean => (document.activeElement?.closest("aside") ?? null) !== null;

const focusKeys: Readonly<Record<string, string>> = {
  r: "R",
  l: "L",
  d: "density",
  c: "comment",
  q: "map",
  k: "mark",
};
