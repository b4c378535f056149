"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { duration } from "../../components/format.ts";
import { useTRPC } from "../../trpc/client.ts";

/** My studies, how far I am, what is next: nothing about the cases themselves. */
export function WorkList() {
  const lists = useQuery(useTRPC().reading.workList.queryOptions());
  if (lists.error !== null) {
    return (
      <p role="alert" className="text-sm text-orange-300">
        {lists.error.message}
      </p>
    );
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
  return (
    <ul className="flex flex-col gap-3">
      {lists.data.map((list) => {
        const left = list.caseCount - list.submittedCount;
        return (
          <li
            key={list.readerStudyId}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-3 rounded-lg border border-zinc-800 bg-zinc-900 px-5 py-4"
          >
            <div>
              <h2 className="font-semibold text-zinc-100">{list.name}</h2>
              <p className="mt-0.5 text-sm text-zinc-400">
                {list.submittedCount} of {list.caseCount} cases read
                {list.medianDurationMs === null
                  ? ""
                  : ` · median ${duration(list.medianDurationMs)} a case · about ${duration(list.medianDurationMs * left)} left`}
              </p>
            </div>
            {list.nextAssignmentId === null ? (
              <p className="text-sm text-zinc-300">All read</p>
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
                style={{ width: `${(list.submittedCount / list.caseCount) * 100}%` }}
              />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
