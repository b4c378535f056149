"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { useTRPC } from "../../trpc/client.ts";

/** What an arbitrator has not locked goes to somebody else, for instance when they are away. */
export function HandoverDialog(props: {
  readerStudyId: string;
  from: { readonly userId: string; readonly name: string };
  onClose: () => void;
}) {
  const { from, onClose, readerStudyId } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [toId, setToId] = useState("");
  const [reason, setReason] = useState("");
  const choices = useQuery(trpc.arbitration.choices.queryOptions({ readerStudyId }));
  const handOver = useMutation(
    trpc.arbitration.handOver.mutationOptions({
      async onSuccess() {
        await queries.invalidateQueries(trpc.arbitration.pathFilter());
        onClose();
      },
    }),
  );
  return (
    <Dialog title={`Hand over the cases of ${from.name}`} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          handOver.mutate({ readerStudyId, fromId: from.userId, toId, reason });
        }}
      >
        <p className="text-sm text-slate-700">
          Every case whose own reading {from.name} has not locked goes to the other person; a draft of it is
          dropped. Locked and decided ones stay.
        </p>
        <FormField label="To">
          {(control) => (
            <Select {...control} value={toId} onChange={(event) => setToId(event.target.value)}>
              <option value="">Choose…</option>
              {choices.data?.choices
                .filter(({ userId }) => userId !== from.userId)
                .map(({ caseCount, name, userId }) => (
                  <option key={userId} value={userId}>
                    {name}, may take {count(caseCount)} of {count(choices.data.caseCount)} cases
                  </option>
                ))}
            </Select>
          )}
        </FormField>
        <FormField label="Reason" help="kept in the audit log">
          {(control) => (
            <Input
              {...control}
              value={reason}
              maxLength={1_000}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </FormField>
        {handOver.error === null ? null : <ErrorState message={handOver.error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            emphasis="primary"
            disabled={toId === "" || reason.trim() === "" || handOver.isPending}
          >
            Hand over
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
