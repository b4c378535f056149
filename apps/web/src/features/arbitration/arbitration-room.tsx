"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { failureText } from "../../components/failure-text.ts";
import { useTRPCClient, type Outputs } from "../../trpc/client.ts";
import { prefetchImages } from "../viewer/cornerstone.ts";
import { browserDrafts } from "../reading/browser-drafts.ts";
import { isAnswered } from "../reading/is-answered.ts";
import { pauseText } from "../reading/pause-text.ts";
import { RoomMessage } from "../reading/room-message.tsx";
import { SessionReminder } from "../reading/session-reminder.tsx";
import { CaseArbitrator } from "./case-arbitrator.tsx";

export type OpenedArbitration = Outputs["arbitration"]["openCase"];
export type DecidedArbitration = Outputs["arbitration"]["decide"];

/** One case after another: an own reading first, then the others' and the decision. */
export default function ArbitrationRoom(props: { arbitrationId: string }) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [arbitrationId, setArbitrationId] = useState<string | null>(props.arbitrationId);
  const [pause, setPause] = useState<DecidedArbitration["pause"]>(null);
  const queryKey = ["arbitration.openCase", arbitrationId];
  const opened = useQuery({
    queryKey,
    queryFn: async () => {
      const [one] = await Promise.all([
        client.arbitration.openCase.mutate({ arbitrationId: arbitrationId ?? "" }),
        browserDrafts().restore(),
      ]);
      const prior = one.priors[0]?.images ?? [];
      const images = [...one.images, ...prior, ...(one.next?.images ?? [])];
      void prefetchImages(images.map((image) => image.instanceId));
      return one;
    },
    enabled: arbitrationId !== null,
    staleTime: Infinity,
    gcTime: 0,
    retry: 1,
  });

  if (arbitrationId === null) {
    return (
      <RoomMessage
        title={pause === null ? "All your cases of this arbitration are decided." : pauseText(pause)}
      />
    );
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
  const one = opened.data;
  if (one.revealed?.decision.isLocked === true)
    return <RoomMessage title="This case is decided and locked." />;
  return (
    <>
      <CaseArbitrator
        key={`${one.arbitrationId}.${one.revealed === null ? "independent" : "decision"}`}
        opened={one}
        onLocked={(revealed) => {
          queries.setQueryData<OpenedArbitration>(queryKey, {
            ...one,
            independent: { ...one.independent, answers: revealed.decision.answers, isLocked: true },
            revealed,
          });
        }}
        onDecided={({ nextArbitrationId, pause: until }) => {
          setPause(until);
          if (nextArbitrationId !== null)
            window.history.replaceState(null, "", `/reading/arbitration/${nextArbitrationId}`);
          setArbitrationId(nextArbitrationId);
        }}
        onOutdated={() => void opened.refetch()}
      />
      <SessionReminder readerStudyId={one.readerStudyId} />
    </>
  );
}
