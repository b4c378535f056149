"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { ErrorState } from "../../components/error-state.tsx";
import { failureText } from "../../components/failure-text.ts";
import { useTRPC } from "../../trpc/client.ts";
import { pauseText } from "../reading/pause-text.ts";
import { paceOf } from "../reading/reading-pace.ts";

/** A break that ends while the list is open shows without a reload. */
const refreshMs = 30_000;

/** My arbitrations: how far I am, what is next, nothing about the cases. Nothing at all where I have none. */
export function ArbitrationWorkList() {
  const lists = useQuery(
    useTRPC().arbitration.workList.queryOptions(undefined, {
      refetchInterval: ({ state }) =>
        state.data?.some(({ pause }) => pause !== null) === true ? refreshMs : false,
    }),
  );
  if (lists.data === undefined && lists.error !== null) {
    return (
      <div className="mt-8">
        <ErrorState look="dark" message={failureText(lists.error)} onRetry={() => void lists.refetch()} />
      </div>
    );
  }
  if (lists.data === undefined || lists.data.length === 0) return null;
  return (
    <section aria-label="Arbitration" className="mt-10">
      <h2 className="mb-1 text-lg font-semibold text-zinc-100">Arbitration</h2>
      <p className="mb-4 max-w-prose text-sm text-zinc-400">
        Cases that others have read. You read each one on your own, lock it, then see their readings without
        names and decide. Some are here because something disagrees, others by lot; nothing tells which.
      </p>
      <ul className="flex flex-col gap-3">
        {lists.data.map((list) => (
          <li
            key={list.queueId}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-3 rounded-lg border border-zinc-800 bg-zinc-900 px-5 py-4"
          >
            <div>
              <h3 className="font-semibold text-zinc-100">{list.readerStudyName}</h3>
              <p className="mt-0.5 text-sm text-zinc-400">
                {[
                  `${list.decidedCount} of ${list.caseCount} cases decided`,
                  ...paceOf(list.medianDurationMs, list.caseCount - list.decidedCount),
                ].join(" · ")}
              </p>
            </div>
            {list.nextArbitrationId === null ? (
              <p className="max-w-xs text-right text-sm text-zinc-300">
                {list.pause === null ? "All decided" : pauseText(list.pause)}
              </p>
            ) : (
              <Link
                href={`/reading/arbitration/${list.nextArbitrationId}`}
                className="rounded-md bg-accent-500 px-4 py-2 text-sm font-semibold text-black hover:bg-accent-200"
              >
                {list.isNextStarted ? "Go on with" : "Arbitrate"} case {list.decidedCount + 1}
              </Link>
            )}
            <div
              role="progressbar"
              aria-label={`Progress in the arbitration of ${list.readerStudyName}`}
              aria-valuemin={0}
              aria-valuemax={list.caseCount}
              aria-valuenow={list.decidedCount}
              className="col-span-2 h-1.5 overflow-hidden rounded-full bg-zinc-700"
            >
              <div
                className="h-full bg-accent-500"
                style={{ width: `${(list.decidedCount / list.caseCount) * 100}%` }}
              />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
