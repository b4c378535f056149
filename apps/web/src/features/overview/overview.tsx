"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, dateTime } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { MetricTable } from "../metrics/metric-table.tsx";
import { levelLabels, splitLabels } from "../metrics/metric-name.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { useIsAnySiteKeeper, useIsPlatformAdmin } from "../shell/use-actor.ts";
import { SiteIntervalPlot } from "../metrics/site-interval-plot.tsx";

type Overview = Outputs["overview"]["load"];

export function OverviewPage() {
  const query = useQuery(useTRPC().overview.load.queryOptions(undefined, { refetchInterval: 10_000 }));
  return (
    <>
      <PageHeader title="Overview" showsResults />
      <QueryView query={query} rows={8}>
        {(overview) => (
          <>
            <div className="grid grid-cols-1 gap-x-6 md:grid-cols-3">
              <Tasks overview={overview} />
              {overview.work === null ? null : <Running work={overview.work} />}
              <LatestPublication publication={overview.publication} />
            </div>
            <Headline rows={overview.headline} />
          </>
        )}
      </QueryView>
    </>
  );
}

function Headline(props: { rows: Overview["headline"] }) {
  const chosen = useSelectedSite();
  const rows =
    chosen === undefined
      ? props.rows
      : props.rows.filter(({ siteId }) => siteId === null || siteId === chosen.siteId);
  const [first] = rows;
  if (first === undefined) {
    return (
      <Section title="How good is the model?">
        <EmptyState title="No checkpoint has been evaluated yet">
          Numbers appear here as soon as the first round of a training run has been evaluated on a test split.
        </EmptyState>
      </Section>
    );
  }
  return (
    <>
      <Section
        title="How good is the model, and how sure are we?"
        lead={`${first.checkpointName} on ${first.cohortName}, ${splitLabels[first.split].toLowerCase()} split, ${levelLabels[first.level]}; intervals of 95 %.`}
        actions={
          <Link className="text-sm text-accent-700 hover:underline" href={`/models/${first.checkpointId}`}>
            Open the checkpoint
          </Link>
        }
      >
        <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
          <Panel>
            <SiteIntervalPlot metric="auc" rows={rows} />
          </Panel>
          <Panel>
            <SiteIntervalPlot metric="dip" rows={rows} />
          </Panel>
        </div>
      </Section>
      <Section title="The same numbers in full">
        <MetricTable label="Metrics per site" rows={rows} />
      </Section>
    </>
  );
}

function Tasks(props: { overview: Overview }) {
  const { arbitrationTasks, readingTasks, work } = props.overview;
  // An auditor sees these numbers, but can do nothing about them.
  const siteTasks = useIsAnySiteKeeper() ? props.overview.siteTasks : null;
  const mayPublish = useIsPlatformAdmin();
  const unpublished = mayPublish ? (work?.validations.filter(isEvaluated) ?? []) : [];
  const tasks: ReactNode[] = [
    ...readingTasks
      .filter((task) => task.openCount > 0)
      .map((task) => (
        <Task
          key={task.readerStudyId}
          href="/reading"
          title={task.isInvitation ? `Invitation to ${task.name}` : `Read ${task.name}`}
        >
          {task.isInvitation
            ? "Waits for your answer"
            : `${count(task.totalCount - task.openCount)} of ${count(task.totalCount)} cases read`}
        </Task>
      )),
    ...arbitrationTasks
      .filter((task) => task.decidedCount < task.caseCount)
      .map((task) => (
        <Task key={task.queueId} href="/reading" title={`Arbitrate ${task.readerStudyName}`}>
          {count(task.decidedCount)} of {count(task.caseCount)} cases decided
        </Task>
      )),
    ...(siteTasks !== null && siteTasks.openRefusedFileCount > 0
      ? [
          <Task key="refused" href="/studies/refused" title="Refused files to put right">
            {count(siteTasks.openRefusedFileCount)} open
          </Task>,
        ]
      : []),
    ...(siteTasks !== null && siteTasks.caseWithoutReferenceCount > 0
      ? [
          <Task key="reference" href="/studies?label=unlabelled" title="Cases without a reference standard">
            {count(siteTasks.caseWithoutReferenceCount)}{" "}
            {siteTasks.caseWithoutReferenceCount === 1 ? "case" : "cases"}
          </Task>,
        ]
      : []),
    ...unpublished.map((round) => (
      <Task key={round.validationRoundId} href={`/validation/${round.validationRoundId}`} title={round.name}>
        Evaluated, not yet published
      </Task>
    )),
  ];
  return (
    <Section title="What waits for you">
      {tasks.length === 0 ? (
        <p className="text-sm text-slate-600">Nothing at the moment.</p>
      ) : (
        <ul className="flex flex-col gap-2">{tasks}</ul>
      )}
    </Section>
  );
}

function Task(props: { href: string; title: string; children: ReactNode }) {
  return (
    <li>
      <Link
        href={props.href}
        className="block rounded-lg border border-slate-200 bg-white px-3 py-2 hover:border-accent-500"
      >
        <span className="block text-sm font-medium">{props.title}</span>
        <span className="block text-xs text-slate-600">{props.children}</span>
      </Link>
    </li>
  );
}

function Running(props: { work: NonNullable<Overview["work"]> }) {
  const mayPublish = useIsPlatformAdmin();
  const validations = props.work.validations.filter((round) => !mayPublish || !isEvaluated(round));
  const isQuiet = props.work.runs.length === 0 && validations.length === 0;
  return (
    <Section title="Running">
      {isQuiet ? (
        <p className="text-sm text-slate-600">No training run or validation round is open.</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {props.work.runs.map((run) => (
            <RunningItem
              key={run.runId}
              href={`/training/${run.runId}`}
              name={run.name}
              state={run.state}
              detail={`Round ${run.roundNumber} of ${run.roundCount}`}
            />
          ))}
          {validations.map((round) => (
            <RunningItem
              key={round.validationRoundId}
              href={`/validation/${round.validationRoundId}`}
              name={round.name}
              state={round.state}
              detail="Validation round"
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

const isEvaluated = ({ state }: { state: string }) => state === "reading";

function RunningItem(props: { href: string; name: string; state: string; detail: string }) {
  return (
    <li>
      <Link
        href={props.href}
        className="flex items-center justify-between gap-2 rounded-lg border border-slate-200 bg-white px-3 py-2 hover:border-accent-500"
      >
        <span className="min-w-0">
          <span className="block truncate text-sm font-medium">{props.name}</span>
          <span className="block text-xs text-slate-600">{props.detail}</span>
        </span>
        <StateBadge state={props.state} />
      </Link>
    </li>
  );
}

function LatestPublication(props: { publication: Overview["publication"] }) {
  const { publication } = props;
  return (
    <Section title="Latest publication">
      {publication === null ? (
        <p className="text-sm text-slate-600">No validation round has been published yet.</p>
      ) : (
        <Link
          href={`/validation/${publication.validationRoundId}`}
          className="block rounded-lg border border-slate-200 bg-white px-3 py-2 hover:border-accent-500"
        >
          <span className="block text-sm font-medium">{publication.name}</span>
          <span className="block text-xs text-slate-600">
            {publication.cohortName} · {dateTime(publication.publishedAt)}
          </span>
        </Link>
      )}
    </Section>
  );
}
