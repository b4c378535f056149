"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime, duration } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { strategyTexts } from "./plan-texts.ts";

export function RunList() {
  const [offset, setOffset] = useState(0);
  const query = useQuery(
    useTRPC().training.list.queryOptions(
      { offset },
      { placeholderData: keepPreviousData, refetchInterval: 5_000 },
    ),
  );
  const launch = useIsPlatformAdmin() ? (
    <Link href="/training/new" className={buttonLook("primary")}>
      Launch a run
    </Link>
  ) : null;
  return (
    <>
      <PageHeader
        title="Training"
        lead="Each site trains on its own cohort; only weights travel, and are merged round by round."
        actions={launch}
      />
      <QueryView query={query}>
        {({ rows, totalCount }) =>
          rows.length === 0 ? (
            <EmptyState title="No training run yet" action={launch}>
              A run needs a frozen cohort.
            </EmptyState>
          ) : (
            <>
              <Table label="Training runs">
                <thead>
                  <tr>
                    <Head>Name</Head>
                    <Head>State</Head>
                    <Head>Cohort</Head>
                    <Head>Strategy</Head>
                    <Head isNumeric>Sites</Head>
                    <Head isNumeric>Rounds</Head>
                    <Head>Started by</Head>
                    <Head>Created</Head>
                    <Head isNumeric>Took</Head>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((run) => (
                    <Row key={run.runId}>
                      <Cell>
                        <Link
                          href={`/training/${run.runId}`}
                          className="font-medium text-accent-700 hover:underline"
                        >
                          {run.name}
                        </Link>
                      </Cell>
                      <Cell>
                        <StateBadge state={run.state} />
                      </Cell>
                      <Cell>{run.cohortName}</Cell>
                      <Cell>{strategyTexts[run.plan.strategy].name}</Cell>
                      <Cell isNumeric>{run.siteCount}</Cell>
                      <Cell isNumeric>
                        {run.completedRoundCount} / {run.plan.rounds}
                      </Cell>
                      <Cell>{run.creatorName ?? "platform"}</Cell>
                      <Cell className="whitespace-nowrap text-slate-600">{dateTime(run.createdAt)}</Cell>
                      <Cell isNumeric className="whitespace-nowrap text-slate-600">
                        {run.startedAt === null || run.finishedAt === null
                          ? "–"
                          : duration(run.finishedAt.getTime() - run.startedAt.getTime())}
                      </Cell>
                    </Row>
                  ))}
                </tbody>
              </Table>
              <Pager
                offset={offset}
                pageSize={50}
                shownCount={rows.length}
                totalCount={totalCount}
                onMove={setOffset}
              />
            </>
          )
        }
      </QueryView>
    </>
  );
}
