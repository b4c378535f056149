"use client";

import type { HandoverShare } from "@crossread/contracts/arbitration";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { useTRPC } from "../../trpc/client.ts";

const shares = [
  [
    "unlocked",
    "Cases without a locked reading",
    "A draft is dropped. Locked cases stay, to be decided by the one who read them.",
  ],
  [
    "undecided",
    "All that are not decided",
    "A locked reading stays on record as given up. The other person begins with a reading of their own, sees nothing of it, and the case cannot come back.",
  ],
] as const satisfies readonly (readonly [HandoverShare, string, string])[];

/** Cases of an arbitrator go to somebody else, for instance when they are away or leave for good. */
export function HandoverDialog(props: {
  readerStudyId: string;
  from: { readonly userId: string; readonly name: string };
  onClose: () => void;
}) {
  const { from, onClose, readerStudyId } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [toId, setToId] = useState("");
  const [share, setShare] = useState<HandoverShare>("unlocked");
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
          handOver.mutate({ readerStudyId, fromId: from.userId, toId, share, reason });
        }}
      >
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium text-slate-800">What is handed over</legend>
          {shares.map(([value, name, consequence]) => (
            <label key={value} className="flex items-start gap-2 text-sm text-slate-800">
              <input
                type="radio"
                name="share"
                className="mt-0.5 accent-accent-700"
                checked={share === value}
                onChange={() => setShare(value)}
              />
              <span>
                {name}
                <span className="block text-xs text-slate-600">{consequence}</span>
              </span>
            </label>
          ))}
        </fieldset>
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
