"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type Study = Outputs["readerStudies"]["load"];
type Reader = NonNullable<Study["readers"]>[number];

function useStudyRefresh(readerStudyId: string) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: trpc.readerStudies.load.queryKey({ readerStudyId }) });
    await queries.invalidateQueries({ queryKey: trpc.readerStudies.list.queryKey() });
  };
}

const addTexts: Readonly<Record<Study["settings"]["allocation"], string>> = {
  "fully-crossed": "The new reader is invited to every case.",
  "split-plot": "The new reader joins the smallest group and is invited to its cases.",
  "double-reading": "The new reader takes the cases that lack one since a reader declined or was withdrawn.",
};

export function AddReader(props: { study: Study }) {
  const { study } = props;
  const trpc = useTRPC();
  const refresh = useStudyRefresh(study.readerStudyId);
  const [isAsking, setIsAsking] = useState(false);
  const [chosen, setChosen] = useState("");
  const choices = useQuery(trpc.readerStudies.choices.queryOptions(undefined, { enabled: isAsking }));
  const add = useMutation(
    trpc.readerStudies.addReader.mutationOptions({
      async onSuccess() {
        setIsAsking(false);
        await refresh();
      },
    }),
  );
  const known = new Set(study.readers?.map(({ readerId }) => readerId));
  const others = (choices.data?.readers ?? []).filter(({ readerId }) => !known.has(readerId));
  const readerId = chosen === "" ? others[0]?.readerId : chosen;
  return (
    <>
      <Button onClick={() => setIsAsking(true)}>Add a reader</Button>
      {isAsking ? (
        <ConfirmDialog
          title="Add a reader"
          confirmLabel="Invite"
          keepLabel="Cancel"
          isBusy={add.isPending || readerId === undefined}
          error={add.error?.message}
          onConfirm={() => {
            if (readerId !== undefined) add.mutate({ readerStudyId: study.readerStudyId, readerId });
          }}
          onClose={() => setIsAsking(false)}
        >
          {choices.data !== undefined && others.length === 0 ? (
            <p>Every radiologist of the platform is in this study or was in it.</p>
          ) : (
            <FormField label="Reader" help={addTexts[study.settings.allocation]}>
              {(control) => (
                <Select {...control} value={readerId} onChange={(event) => setChosen(event.target.value)}>
                  {others.map((reader) => (
                    <option key={reader.readerId} value={reader.readerId}>
                      {reader.name}
                    </option>
                  ))}
                </Select>
              )}
            </FormField>
          )}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

export function WithdrawReader(props: { study: Study; reader: Reader }) {
  const { reader, study } = props;
  const trpc = useTRPC();
  const refresh = useStudyRefresh(study.readerStudyId);
  const [isAsking, setIsAsking] = useState(false);
  const [reason, setReason] = useState("");
  const withdraw = useMutation(
    trpc.readerStudies.withdrawReader.mutationOptions({
      async onSuccess() {
        setIsAsking(false);
        await refresh();
      },
    }),
  );
  const openCount = reader.caseCount - reader.submittedCount;
  return (
    <>
      <Button emphasis="quiet" aria-label={`Withdraw ${reader.readerName}`} onClick={() => setIsAsking(true)}>
        Withdraw
      </Button>
      {isAsking ? (
        <ConfirmDialog
          title={`Withdraw ${reader.readerName}?`}
          confirmLabel="Withdraw the reader"
          keepLabel="Keep the reader"
          isDanger
          isBusy={withdraw.isPending || reason.trim() === ""}
          error={withdraw.error?.message}
          onConfirm={() =>
            withdraw.mutate({ readerStudyId: study.readerStudyId, readerId: reader.readerId, reason })
          }
          onClose={() => setIsAsking(false)}
        >
          <p className="mb-3">
            {count(reader.submittedCount)} submitted cases are kept, {count(openCount)} are not read any more.
            A withdrawn reader cannot come back, because nothing keeps them blind from now on.
          </p>
          <FormField label="Reason" help="Kept in the audit log and shown here.">
            {(control) => (
              <Input
                {...control}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </FormField>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
