"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { count } from "../../components/format.ts";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type Study = Outputs["readerStudies"]["load"];

function useRefresh(readerStudyId: string) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: trpc.readerStudies.load.queryKey({ readerStudyId }) });
    await queries.invalidateQueries({ queryKey: trpc.readerStudies.list.queryKey() });
  };
}

export function OpenStudy(props: { study: Study }) {
  const { study } = props;
  const { readerStudyId } = study;
  const trpc = useTRPC();
  const refresh = useRefresh(readerStudyId);
  const [isAsking, setIsAsking] = useState(false);
  const open = useMutation(
    trpc.readerStudies.open.mutationOptions({
      async onSuccess() {
        setIsAsking(false);
        await refresh();
      },
    }),
  );
  const readers = study.readers ?? [];
  return (
    <>
      <Button emphasis="primary" onClick={() => setIsAsking(true)}>
        Open and invite
      </Button>
      {isAsking ? (
        <ConfirmDialog
          title={`Open ${study.name}?`}
          confirmLabel="Open and invite"
          keepLabel="Keep the draft"
          isBusy={open.isPending}
          error={open.error?.message}
          onConfirm={() => open.mutate({ readerStudyId })}
          onClose={() => setIsAsking(false)}
        >
          Cases, design and settings cannot change any more.{" "}
          {readers.map(({ readerName }) => readerName).join(", ")} {readers.length === 1 ? "is" : "are"}{" "}
          invited to read {count(study.cases?.caseCount ?? 0)} cases; none of them sees reference standards or
          results of the cases that they have still to read.
        </ConfirmDialog>
      ) : null}
    </>
  );
}

export function DiscardDraft(props: { study: Study }) {
  const { study } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const [isAsking, setIsAsking] = useState(false);
  const discard = useMutation(
    trpc.readerStudies.discard.mutationOptions({
      async onSuccess() {
        await queries.invalidateQueries({ queryKey: trpc.readerStudies.list.queryKey() });
        router.push("/reader-studies");
      },
    }),
  );
  return (
    <>
      <Button emphasis="danger" onClick={() => setIsAsking(true)}>
        Discard
      </Button>
      {isAsking ? (
        <ConfirmDialog
          title={`Discard ${study.name}?`}
          confirmLabel="Discard the draft"
          keepLabel="Keep it"
          isDanger
          isBusy={discard.isPending}
          error={discard.error?.message}
          onConfirm={() => discard.mutate({ readerStudyId: study.readerStudyId })}
          onClose={() => setIsAsking(false)}
        >
          The plan is lost. Nothing has been read in it, and nobody has been invited.
        </ConfirmDialog>
      ) : null}
    </>
  );
}

/** Names what is unfinished before it closes. */
export function CloseStudy(props: { study: Study }) {
  const { study } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const close = useMutation(
    trpc.readerStudies.close.mutationOptions({
      async onSuccess() {
        setIsAsking(false);
        // Results, discordances and what else waited for the end.
        await queries.invalidateQueries();
      },
    }),
  );
  const unfinished = (study.readers ?? []).filter(
    ({ caseCount, participation, submittedCount }) =>
      (participation === "invited" || participation === "accepted") && submittedCount < caseCount,
  );
  return (
    <>
      <Button emphasis="danger" onClick={() => setIsAsking(true)}>
        Close the study
      </Button>
      {isAsking ? (
        <ConfirmDialog
          title={`Close ${study.name}?`}
          confirmLabel="Close it"
          keepLabel="Keep it open"
          isDanger
          isBusy={close.isPending}
          error={close.error?.message}
          onConfirm={() => close.mutate({ readerStudyId: study.readerStudyId })}
          onClose={() => setIsAsking(false)}
        >
          {unfinished.length === 0 ? (
            <p>Everything that was assigned is submitted. The results are shown once it is closed.</p>
          ) : (
            <>
              <p>Nothing more can be read in it. Unfinished stays:</p>
              <ul className="my-2 list-disc pl-5">
                {unfinished.map((reader) => (
                  <li key={reader.readerId}>
                    {reader.readerName}: {count(reader.caseCount - reader.submittedCount)} of{" "}
                    {count(reader.caseCount)} {study.settings.design === "crossover" ? "readings" : "cases"}
                    {reader.participation === "invited" ? ", invitation not answered" : ""}
                    {reader.continuesAt === null ? "" : ", waiting for the washout"}
                  </li>
                ))}
              </ul>
              <p>Drafts are kept. A study cannot be opened again.</p>
            </>
          )}
        </ConfirmDialog>
      ) : null}
    </>
  );
}
