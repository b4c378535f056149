"use client";

import { useSubscription } from "@trpc/tanstack-react-query";
import { Loader2, ListChecks } from "lucide-react";
import { useState } from "react";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { percent } from "../../components/format.ts";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type Job = Outputs["jobs"]["current"][number];

/** Long work in progress, by server-sent events; stays silent while nothing runs. */
export function JobTray() {
  const [isOpen, setOpen] = useState(false);
  const { data: jobs = [] } = useSubscription(useTRPC().jobs.watch.subscriptionOptions());
  const running = jobs.filter((job) => job.finishedAt === null);
  const Icon = running.length > 0 ? Loader2 : ListChecks;
  return (
    <div className="relative mb-1">
      {isOpen ? <JobList jobs={jobs} /> : null}
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-sm text-slate-700 hover:bg-slate-100"
      >
        <Icon size={16} aria-hidden className={running.length > 0 ? "animate-spin text-accent-700" : ""} />
        {running.length === 0 ? "No jobs running" : `${running.length} running`}
      </button>
    </div>
  );
}

function JobList(props: { jobs: readonly Job[] }) {
  return (
    <section
      aria-label="Jobs"
      className="absolute bottom-full left-0 z-30 mb-1 max-h-96 w-80 overflow-auto rounded-lg border border-slate-200 bg-white p-2 shadow-lg"
    >
      {props.jobs.length === 0 ? (
        <p className="p-2 text-sm text-slate-600">Nothing has run in the last ten minutes.</p>
      ) : (
        <ul className="flex flex-col">
          {props.jobs.map((job) => (
            <li key={job.jobId} className="flex flex-col gap-1 border-b border-slate-100 p-2 last:border-b-0">
              <div className="flex items-center justify-between gap-2">
                <span className="truncate text-sm font-medium">{job.title}</span>
                <StateBadge state={job.state} />
              </div>
              {job.finishedAt === null ? <ProgressBar value={job.progress} label={job.title} /> : null}
              <p className="text-xs text-slate-600">
                {job.finishedAt === null ? `${percent(job.progress)} · ` : ""}
                {job.message}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
