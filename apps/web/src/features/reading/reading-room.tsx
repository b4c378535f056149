"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPCClient, type Outputs } from "../../trpc/client.ts";
import { prefetchImages } from "../viewer/cornerstone.ts";
import { browserDrafts } from "./browser-drafts.ts";
import { CaseReader } from "./case-reader.tsx";
import { pauseText } from "./pause-text.ts";
import { readingStepOf } from "./reading-step.ts";
import { RoomMessage } from "./room-message.tsx";
import { SessionReminder } from "./session-reminder.tsx";

export type OpenedCase = Outputs["reading"]["open"];
export type SubmittedCase = Outputs["reading"]["submit"];

/** One case after another without leaving the page; the images of the next one are fetched while this one is read. */
export default function ReadingRoom(props: { assignmentId: string }) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [assignmentId, setAssignmentId] = useState<string | null>(props.assignmentId);
  const [pause, setPause] = useState<SubmittedCase["pause"]>(null);
  const queryKey = ["reading.open", assignmentId];
  const opened = useQuery({
    queryKey,
    queryFn: async () => {
      const [readCase] = await Promise.all([
        client.reading.open.mutate({ assignmentId: assignmentId ?? "" }),
        browserDrafts().restore(),
      ]);
      const prior = readCase.priors[0]?.images ?? [];
      const images = [...readCase.images, ...prior, ...(readCase.next?.images ?? [])];
      void prefetchImages(images.map((image) => image.instanceId));
      return readCase;
    },
    enabled: assignmentId !== null,
    staleTime: Infinity,
    gcTime: 0,
    retry: 1,
  });

  if (assignmentId === null) {
    return <RoomMessage title={pause === null ? "All cases of this study are read." : pauseText(pause)} />;
  }
  if (opened.error !== null) return <RoomMessage title={opened.error.message} />;
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
        onSubmitted={({ nextAssignmentId, pause: until }) => {
          setPause(until);
          if (nextAssignmentId !== null)
            window.history.replaceState(null, "", `/reading/${nextAssignmentId}`);
          setAssignmentId(nextAssignmentId);
        }}
        onOutdated={() => void opened.refetch()}
      />
      <SessionReminder readerStudyId={readCase.readerStudyId} />
    </>
  );
}
