"use client";

import { mapRatingSchema } from "@crossread/contracts/reading";
import { useQuery } from "@tanstack/react-query";
import { failureText } from "../../components/failure-text.ts";
import { useTRPC, useTRPCClient } from "../../trpc/client.ts";
import { MapControls } from "../viewer/map-controls.tsx";
import { useViewerState } from "../viewer/viewer-state.ts";
import { missingAnswers } from "./answer-entry.ts";
import { CaseDesk } from "./case-desk.tsx";
import { MapRatingForm } from "./map-rating-form.tsx";
import { focusKeys, readingKeys } from "./reading-keys.ts";
import type { OpenedCase, SubmittedCase } from "./reading-room.tsx";
import type { ReadingStep } from "./reading-step.ts";
import { useCaseMarks } from "./use-case-marks.ts";
import { useStepDraft } from "./use-step-draft.ts";

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
  const draft = useStepDraft({
    key: { assignmentId, condition },
    stored,
    save: (saved) => client.reading.saveDraft.mutate({ assignmentId, condition, ...saved }),
    async end(end) {
      if (isLast) props.onSubmitted(await client.reading.submit.mutate({ assignmentId, ...end }));
      else props.onLocked(await client.reading.lock.mutate({ assignmentId, ...end }));
    },
    onOutdated: props.onOutdated,
  });
  const { answers, mapRating } = draft.content;
  const marks = useCaseMarks({
    marks: answers.marks,
    images,
    viewer,
    onChange: (next) => draft.changeAnswers({ marks: next }),
  });
  const aid = useQuery(trpc.reading.aid.queryOptions({ assignmentId }, { enabled: condition === "aided" }));

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
    <CaseDesk
      label="Reading"
      title={readCase.readerStudyName}
      shown={readCase}
      nextImages={readCase.next?.images}
      steps={readCase.conditions.map((each) => stepNames[each])}
      currentStep={stepNames[condition]}
      viewer={viewer}
      draft={draft}
      marks={marks}
      aidOf={condition === "aided" ? aidOf : null}
      keys={{ focus: focusKeys, help: readingKeys }}
      before={
        condition === "aided" ? (
          <section aria-label="Saliency map" className="flex flex-col gap-2">
            <h2 className="text-sm font-semibold text-zinc-100">Saliency map (Grad-CAM)</h2>
            {aid.error === null ? null : (
              <div role="alert" className="flex items-center justify-between gap-2 text-xs text-orange-300">
                {failureText(aid.error)}
                <button
                  type="button"
                  onClick={() => void aid.refetch()}
                  className="h-7 rounded-md border border-zinc-500 px-2 whitespace-nowrap text-zinc-100 hover:bg-zinc-800"
                >
                  Try again
                </button>
              </div>
            )}
            <MapControls state={viewer} classes={[...mapClasses]} canShowInput />
          </section>
        ) : null
      }
      after={
        condition === "aided" ? (
          <MapRatingForm rating={mapRating} onChange={(next) => draft.change({ mapRating: next })} />
        ) : null
      }
      missing={[
        ...missingAnswers(answers),
        ...(condition === "aided" && !mapRatingSchema.safeParse(mapRating).success ? ["map questions"] : []),
      ]}
      complete={
        isLast
          ? "Complete. Submitting ends this case."
          : "Complete. After the lock these answers cannot change."
      }
      action={isLast ? "Submit and open the next case" : "Lock and show the model’s aid"}
    />
  );
}
