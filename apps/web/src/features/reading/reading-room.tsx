"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { flushSync } from "react-dom";
import { failureText } from "../../components/failure-text.ts";
import { useTRPCClient, type Outputs } from "../../trpc/client.ts";
import { prefetchImages } from "../viewer/cornerstone.ts";
import { whenIdle } from "../viewer/when-idle.ts";
import { browserDrafts } from "./browser-drafts.ts";
import { CaseReader } from "./case-reader.tsx";
import { isAnswered } from "./is-answered.ts";
import { pauseText } from "./pause-text.ts";
import { readingStepOf } from "./reading-step.ts";
import { RoomMessage } from "./room-message.tsx";
import { SessionReminder } from "./session-reminder.tsx";

export type OpenedCase = Outputs["reading"]["open"];
export type SubmittedCase = Outputs["reading"]["submit"];

interface Place {
  readonly assignmentId: string | null;
  /** Came with the answer to the case before. */
  readonly opened: OpenedCase | null;
  readonly pause: SubmittedCase["pause"];
}

/** One case after another without leaving the page; the images of the next one are fetched while this one is read. */
export default function ReadingRoom(props: { assignmentId: string }) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [{ assignmentId, pause, ...place }, setPlace] = useState<Place>({
    assignmentId: props.assignmentId,
    opened: null,
    pause: null,
  });
  const queryKey = ["reading.open", assignmentId];
  const opened = useQuery({
    queryKey,
    queryFn: async () => {
      const [readCase] = await Promise.all([
        client.reading.open.mutate({ assignmentId: assignmentId ?? "" }),
        browserDrafts().restore(),
      ]);
      fetchAhead(readCase);
      return readCase;
    },
    enabled: assignmentId !== null,
    initialData: place.opened ?? undefined,
    staleTime: Infinity,
    gcTime: 0,
    retry: 1,
  });

  if (assignmentId === null) {
    return <RoomMessage title={pause === null ? "All cases of this study are read." : pauseText(pause)} />;
  }
  if (opened.error !== null) {
    const isRefused = isAnswered(opened.error);
    return (
      <RoomMessage
        title={failureText(opened.error)}
        onRetry={isRefused ? undefined : () => void opened.refetch()}
      />
    );
  }
  if (opened.data === undefined) return <RoomMessage title="Opening the case…" isBusy />;
  const readCase = opened.data;
  const step = readingStepOf(readCase);
  if (step === undefined) return <RoomMessage title="This case is submitted and locked." />;
  const { unaided } = readCase;
  return (
    <>
      <CaseReader
        key={`${readCase.assignmentId}.${step.condition}`}
        readCase={readCase}
        step={step}
        onLocked={(aided) => {
          queries.setQueryData<OpenedCase>(queryKey, {
            ...readCase,
            unaided: unaided === null ? null : { ...unaided, answers: aided.answers, isLocked: true },
            aided,
          });
        }}
        onSubmitted={({ nextAssignmentId, opened: next, pause: until }) => {
          // The address says which case it is once it stands on the screen.
          flushSync(() => setPlace({ assignmentId: nextAssignmentId, opened: next, pause: until }));
          if (nextAssignmentId !== null)
            window.history.replaceState(null, "", `/reading/${nextAssignmentId}`);
          if (next !== null) whenIdle(() => fetchAhead(next));
        }}
        onOutdated={() => void opened.refetch()}
      />
      <SessionReminder readerStudyId={readCase.readerStudyId} />
    </>
  );
}

function fetchAhead(readCase: OpenedCase): void {
  const prior = readCase.priors[0]?.images ?? [];
  const images = [...readCase.images, ...prior, ...(readCase.next?.images ?? [])];
  void prefetchImages(images.map((image) => image.instanceId));
}
