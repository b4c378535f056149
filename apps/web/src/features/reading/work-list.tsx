"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { ErrorState } from "../../components/error-state.tsx";
import { failureText } from "../../components/failure-text.ts";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { InvitationCard } from "./invitation-card.tsx";
import { paceOf } from "./reading-pace.ts";
import { pauseText } from "./pause-text.ts";

type List = Outputs["reading"]["workList"][number];

/** A washout or break that ends while the list is open shows without a reload. */
const refreshMs = 30_000;

/** My studies, how far I am, what is next: nothing about the cases themselves. */
export function WorkList() {
  const lists = useQuery(
    useTRPC().reading.workList.queryOptions(undefined, {
      refetchInterval: ({ state }) =>
        state.data?.some(({ pause }) => pause !== null) === true ? refreshMs : false,
    }),
  );
  if (lists.data === undefined && lists.error !== null) {
    return <ErrorState look="dark" message={failureText(lists.error)} onRetry={() => void lists.refetch()} />;
  }
  if (lists.data === undefined) {
    return (
      <p role="status" className="text-sm text-zinc-400">
        Loading your studies…
      </p>
    );
  }
  if (lists.data.length === 0) {
    return (
      <p className="rounded-lg border border-dashed border-zinc-700 px-6 py-10 text-center text-sm text-zinc-400">
        No open reader study is assigned to you.
      </p>
    );
  }
  const invitations = lists.data.filter(({ participation }) => participation === "invited");
  const accepted = lists.data.filter(({ participation }) => participation === "accepted");
  return (
    <div className="flex flex-col gap-8">
      {invitations.length === 0 ? null : (
        <section aria-label="Invitations">
          <h2 className="mb-2 text-sm font-semibold text-zinc-300">Invitations</h2>
          <ul className="flex flex-col gap-3">
            {invitations.map((list) => (
              <InvitationCard key={list.readerStudyId} list={list} />
            ))}
          </ul>
        </section>
      )}
      {accepted.length === 0 ? null : (
        <section aria-label="To read">
          {invitations.length === 0 ? null : (
            <h2 className="mb-2 text-sm font-semibold text-zinc-300">To read</h2>
          )}
          <ul className="flex flex-col gap-3">
            {accepted.map((list) => (
              <StudyCard key={list.readerStudyId} list={list} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function StudyCard(props: { list: List }) {
  const { list } = props;
  const left = list.caseCount - list.submittedCount;
  const done = list.design === "crossover" ? "readings done" : "cases read";
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-3 rounded-lg border border-zinc-800 bg-zinc-900 px-5 py-4">
      <div>
        <h3 className="font-semibold text-zinc-100">{list.name}</h3>
        <p className="mt-0.5 text-sm text-zinc-400">
          {[
            `${list.submittedCount} of ${list.caseCount} ${done}`,
            ...paceOf(list.medianDurationMs, left),
          ].join(" · ")}
        </p>
      </div>
      {list.nextAssignmentId === null ? (
        <p className="max-w-xs text-right text-sm text-zinc-300">
          {list.pause === null ? "All read" : pauseText(list.pause)}
        </p>
      ) : (
        <Link
          href={`/reading/${list.nextAssignmentId}`}
          className="rounded-md bg-accent-500 px-4 py-2 text-sm font-semibold text-black hover:bg-accent-200"
        >
          {list.isNextStarted ? "Go on with" : "Read"} case {list.submittedCount + 1}
        </Link>
      )}
      <div
        role="progressbar"
        aria-label={`Progress in ${list.name}`}
        aria-valuemin={0}
        aria-valuemax={list.caseCount}
        aria-valuenow={list.submittedCount}
        className="col-span-2 h-1.5 overflow-hidden rounded-full bg-zinc-700"
      >
        <div
          className="h-full bg-accent-500"
          style={{ width: `${list.caseCount === 0 ? 0 : (list.submittedCount / list.caseCount) * 100}%` }}
        />
      </div>
    </li>
  );
}
