"use client";

import { useState } from "react";
import { useTRPCClient } from "../../trpc/client.ts";
import { missingAnswers } from "../reading/answer-entry.ts";
import { CaseDesk } from "../reading/case-desk.tsx";
import { markKindNames } from "../reading/mark-details.tsx";
import { useCaseMarks } from "../reading/use-case-marks.ts";
import { useStepDraft } from "../reading/use-step-draft.ts";
import type { ShownMark } from "../viewer/mark-layer.tsx";
import { useViewerState } from "../viewer/viewer-state.ts";
import { arbitrationKeys, focusKeys, mapOnlyKeys } from "./arbitration-keys.ts";
import type { DecidedArbitration, OpenedArbitration } from "./arbitration-room.tsx";
import { OtherReadings } from "./other-readings.tsx";

type Revealed = NonNullable<OpenedArbitration["revealed"]>;

const stepNames = { independent: "Own reading", decision: "Decision" } as const;

/** An arbitrator rates no map. */
const withoutMap = ({ answers, version, durationMs }: OpenedArbitration["independent"]) => ({
  answers,
  version,
  durationMs,
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
  const draft = useStepDraft({
    key: { assignmentId: arbitrationId, condition: step },
    stored: withoutMap(revealed?.decision ?? opened.independent),
    async save({ answers, version, durationMs }) {
      const written = { arbitrationId, step, durationMs, version, answers } as const;
      const saved = await client.arbitration.saveDraft.mutate(written);
      return saved.ok ? saved : { ok: false, stored: withoutMap(saved.stored) };
    },
    async end(end) {
      const ended = { arbitrationId, ...end };
      if (step === "independent") props.onLocked(await client.arbitration.lock.mutate(ended));
      else props.onDecided(await client.arbitration.decide.mutate(ended));
    },
    opensComplete: step === "decision",
    onOutdated: props.onOutdated,
  });
  const { answers } = draft.content;
  const [areMarksShown, setAreMarksShown] = useState(true);
  const marks = useCaseMarks({
    marks: answers.marks,
    images,
    viewer,
    onChange: (next) => draft.changeAnswers({ marks: next }),
  });

  function handleKey(key: string): boolean {
    if (key === "m") setAreMarksShown((areShown) => !areShown);
    return mapOnlyKeys.has(key);
  }

  const keptIds = new Set(answers.marks.map(({ markId }) => markId));
  const others = revealed?.readings ?? [];
  const otherMarksOn = (instanceId: string): ShownMark[] =>
    (areMarksShown ? others : []).flatMap((reading, index) =>
      reading.marks
        .filter((mark) => mark.instanceId === instanceId && !keptIds.has(mark.markId))
        .map((mark) => ({
          markId: mark.markId,
          geometry: mark.geometry,
          label: `Reading ${index + 1}: ${markKindNames[mark.kind]}`,
          isReference: true,
        })),
    );

  return (
    <CaseDesk
      label="Arbitration"
      title={`Arbitration of ${opened.readerStudyName}`}
      shown={opened}
      steps={Object.values(stepNames)}
      currentStep={stepNames[step]}
      viewer={viewer}
      draft={draft}
      marks={marks}
      otherMarksOn={otherMarksOn}
      aidOf={null}
      keys={{ focus: focusKeys, handle: handleKey, help: arbitrationKeys }}
      before={
        revealed === null ? (
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
        )
      }
      missing={missingAnswers(answers)}
      complete={
        step === "independent"
          ? "Complete. After the lock this reading cannot change."
          : "Complete. Your decision ends this case and cannot change."
      }
      action={step === "independent" ? "Lock and show the other readings" : "Decide and open the next case"}
    />
  );
}
