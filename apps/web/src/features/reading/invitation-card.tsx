"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type List = Outputs["reading"]["workList"][number];

const quiet =
  "rounded-md border border-zinc-600 px-4 py-2 text-sm text-zinc-100 hover:bg-zinc-800 disabled:text-zinc-500";

/** What the reader is asked to do; nothing is read before it is accepted. */
export function InvitationCard(props: { list: List }) {
  const { list } = props;
  const { readerStudyId } = list;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const reasonId = useId();
  const [reason, setReason] = useState<string>();
  const onSuccess = () => queries.invalidateQueries({ queryKey: trpc.reading.workList.queryKey() });
  const accept = useMutation(trpc.reading.accept.mutationOptions({ onSuccess }));
  const decline = useMutation(trpc.reading.decline.mutationOptions({ onSuccess }));
  const isBusy = accept.isPending || decline.isPending;
  const error = accept.error ?? decline.error;
  const isCrossover = list.design === "crossover";
  return (
    <li className="rounded-lg border border-accent-500/40 bg-zinc-900 px-5 py-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold text-zinc-100">{list.name}</h3>
          <p className="mt-0.5 text-sm text-zinc-400">
            {isCrossover
              ? `${list.caseCount / 2} cases, each read twice, ${list.washoutDays} days apart: once unaided and once with the model’s aid.`
              : `${list.caseCount} cases, each read unaided, locked, and read again with the model’s aid.`}{" "}
            Sessions of {list.sessionMinutes} min at most, breaks of {list.breakMinutes} min.
          </p>
        </div>
        {reason === undefined ? (
          <div className="flex gap-2">
            <button type="button" className={quiet} disabled={isBusy} onClick={() => setReason("")}>
              Decline…
            </button>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => accept.mutate({ readerStudyId })}
              className="rounded-md bg-accent-500 px-4 py-2 text-sm font-semibold text-black hover:bg-accent-200 disabled:bg-zinc-700 disabled:text-zinc-400"
            >
              Accept
            </button>
          </div>
        ) : null}
      </div>
      {reason === undefined ? null : (
        <form
          className="mt-3 flex flex-wrap items-end gap-2"
          onKeyDown={(event) => {
            if (event.key === "Escape") setReason(undefined);
          }}
          onSubmit={(event) => {
            event.preventDefault();
            decline.mutate({ readerStudyId, reason });
          }}
        >
          <div className="min-w-0 flex-1">
            <label htmlFor={reasonId} className="text-sm text-zinc-300">
              Why do you decline? It cannot be undone.
            </label>
            <input
              id={reasonId}
              autoFocus
              required
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              className="mt-1 h-9 w-full rounded-md border border-zinc-600 bg-zinc-950 px-3 text-sm text-zinc-100"
            />
          </div>
          <button type="button" className={quiet} onClick={() => setReason(undefined)}>
            Back
          </button>
          <button type="submit" className={quiet} disabled={isBusy || reason.trim() === ""}>
            Decline the invitation
          </button>
        </form>
      )}
      {error === null ? null : (
        <p role="alert" className="mt-2 text-sm text-orange-300">
          {error.message}
        </p>
      )}
    </li>
  );
}
