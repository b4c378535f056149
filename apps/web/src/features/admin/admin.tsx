"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Stat } from "../../components/estimate.tsx";
import { bytes, count } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { JobTable } from "./job-table.tsx";
import { UserTable } from "./user-table.tsx";
import { WorkerTable } from "./worker-table.tsx";

const tabs = [
  { key: "users", label: "Users" },
  { key: "jobs", label: "Jobs" },
  { key: "operations", label: "Workers and storage" },
] as const;

export function Admin() {
  const given = useSearchParams().get("tab");
  const current = tabs.find(({ key }) => key === given)?.key ?? "users";
  return (
    <>
      <PageHeader title="Admin" />
      <nav aria-label="Admin" className="mb-5 flex gap-1 border-b border-slate-200">
        {tabs.map(({ key, label }) => (
          <Link
            key={key}
            href={`/admin?tab=${key}`}
            aria-current={key === current ? "page" : undefined}
            className={`-mb-px border-b-2 px-3 py-2 text-sm ${
              key === current
                ? "border-accent-700 font-medium text-accent-800"
                : "border-transparent text-slate-600 hover:text-slate-900"
            }`}
          >
            {label}
          </Link>
        ))}
      </nav>
      {current === "users" ? <UserTable /> : current === "jobs" ? <JobTable /> : <Operations />}
    </>
  );
}

function Operations() {
  const query = useQuery(useTRPC().admin.operations.queryOptions(undefined, { refetchInterval: 10_000 }));
  return (
    <QueryView query={query}>
      {({ workers, storage }) => (
        <>
          <Section title="Workers">
            <WorkerTable workers={workers} emptyTitle="No worker has reported yet" />
          </Section>
          <Section title="Storage">
            <Panel>
              <dl className="flex flex-wrap gap-x-10 gap-y-3">
                <Stat
                  label="Images"
                  value={bytes(storage.instanceBytes)}
                  detail={`${count(storage.instanceCount)} instances`}
                />
                <Stat label="Checkpoints" value={count(storage.checkpointCount)} />
                <Stat label="Site updates kept" value={count(storage.updateCount)} />
                <Stat label="Saliency maps" value={count(storage.mapCount)} />
                <Stat label="Database" value={bytes(storage.databaseBytes)} />
              </dl>
            </Panel>
          </Section>
        </>
      )}
    </QueryView>
  );
}
