"use client";

import { useState, type ReactNode } from "react";
import type { HungImage, PriorStudy } from "../viewer/hanging.ts";
import type { ShownMark } from "../viewer/mark-layer.tsx";
import { isDialogOpen, isPressing, isShortcut, isTyping, listeningForKeys } from "../viewer/viewer-keys.ts";
import { leaveForm, type ViewerState } from "../viewer/viewer-state.ts";
import { ViewerToolbar } from "../viewer/viewer-toolbar.tsx";
import Viewer, { type ViewerImageAid } from "../viewer/viewer.tsx";
import { CheatSheet, type KeyGroup } from "./cheat-sheet.tsx";
import { AsideNotice, ConflictNotice } from "./draft-notices.tsx";
import { markKindNames } from "./mark-details.tsx";
import { MarkList } from "./mark-list.tsx";
import { ReadingForm } from "./reading-form.tsx";
import { RoomBar } from "./room-bar.tsx";
import { StepFooter } from "./step-footer.tsx";
import type { CaseMarks } from "./use-case-marks.ts";
import type { StepDraft } from "./use-step-draft.ts";

interface DeskKeys {
  /** Where a letter puts the focus. */
  readonly focus: Readonly<Record<string, string>>;
  /** Whether the key, a letter in lower case, was one of the room's own. */
  readonly handle?: (key: string) => boolean;
  readonly help: readonly KeyGroup[];
}

/** The images of a case beside the form that is filled in about them, and the keys of both. */
export function CaseDesk(props: {
  /** What is done here, for the landmark. */
  label: string;
  title: string;
  shown: {
    readonly position: number;
    readonly caseCount: number;
    readonly images: readonly HungImage[];
    readonly priors: readonly PriorStudy[];
  };
  nextImages?: readonly HungImage[] | undefined;
  steps: readonly string[];
  currentStep: string;
  viewer: ViewerState;
  draft: StepDraft;
  marks: CaseMarks;
  /** Marks beside those of the draft. */
  otherMarksOn?: (instanceId: string) => readonly ShownMark[];
  aidOf: ((instanceId: string) => ViewerImageAid | undefined) | null;
  keys: DeskKeys;
  /** Above the form. */
  before: ReactNode;
  /** Below the form. */
  after?: ReactNode;
  missing: readonly string[];
  /** What ending the step means, once nothing is missing. */
  complete: string;
  action: string;
}) {
  const { draft, keys, marks, missing, shown, viewer } = props;
  const { images, priors } = shown;
  const { content, ending, save, setAside, watchClock } = draft;
  const { answers } = content;
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const canEnd = missing.length === 0 && !ending.isBusy;

  function endStep(event: { readonly timeStamp: number }): void {
    if (canEnd) void draft.end(event.timeStamp);
  }

  function handleKey(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      // A key held down says nothing new.
      return event.repeat ? undefined : endStep(event);
    }
    if (event.key === "Escape" && !isDialogOpen() && isInForm()) {
      // Back from the form to the images, where the next Escape puts tool and choice away.
      return leaveForm();
    }
    if (isTyping(event.target) || isDialogOpen()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return marks.undoOrRedo(event.shiftKey);
    }
    if (isShortcut(event) || isPressing(event)) return;
    if (key === "?") return setIsHelpOpen(true);
    if (marks.handleKey(event) || keys.handle?.(key) === true) return;
    const field = keys.focus[key];
    if (field !== undefined) {
      event.preventDefault();
      return document.querySelector<HTMLElement>(`[data-focus-key="${field}"]`)?.focus();
    }
    if (viewer.handleKey(event.key, images)) event.preventDefault();
  }

  const marksOn = (instanceId: string): ShownMark[] => [
    ...answers.marks
      .filter((mark) => mark.instanceId === instanceId)
      .map((mark) => ({
        markId: mark.markId,
        geometry: mark.geometry,
        label: markKindNames[mark.kind],
        isReference: false,
      })),
    ...(props.otherMarksOn?.(instanceId) ?? []),
  ];
  const restartMarks = () => marks.restart(draft.marks());

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
        title={props.title}
        position={shown.position}
        caseCount={shown.caseCount}
        steps={props.steps}
        currentStep={props.currentStep}
        save={save}
        onHelp={() => setIsHelpOpen(true)}
      />
      <div className="border-b border-zinc-800 bg-zinc-900">
        <ViewerToolbar state={viewer} images={images} canMark priorCount={priors.length} />
      </div>
      <aside
        aria-label={props.label}
        className="row-span-2 flex min-h-0 flex-col border-l border-zinc-800 bg-zinc-900"
      >
        <div className="relative flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-4 py-3">
          {save.kind === "conflict" ? (
            <ConflictNotice
              here={content}
              there={save.stored}
              onChoose={(choice) => {
                draft.resolveConflict(choice);
                restartMarks();
              }}
            />
          ) : null}
          {setAside === null ? null : (
            <AsideNotice
              onExchange={() => {
                draft.exchange();
                restartMarks();
              }}
              onDrop={draft.dropAside}
            />
          )}
          {props.before}
          <ReadingForm answers={answers} onChange={draft.changeAnswers} />
          <MarkList
            marks={answers.marks}
            images={images}
            selectedId={viewer.settings.selectedMarkId}
            onSelect={marks.select}
            onChange={marks.change}
          />
          {props.after}
        </div>
        <StepFooter
          error={ending.error}
          missing={missing}
          complete={props.complete}
          action={props.action}
          canEnd={canEnd}
          onEnd={endStep}
        />
      </aside>
      <main className="min-h-0" aria-label="Images">
        <Viewer
          images={images}
          priors={priors}
          state={viewer}
          marksOn={marksOn}
          editingOn={marks.editingOn}
          aidOf={props.aidOf}
          nextImages={props.nextImages}
        />
      </main>
      {isHelpOpen ? <CheatSheet groups={keys.help} onClose={() => setIsHelpOpen(false)} /> : null}
    </div>
  );
}

const isInForm = (): boolean => (document.activeElement?.closest("aside") ?? null) !== null;
