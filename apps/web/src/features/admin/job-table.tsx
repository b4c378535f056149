"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime, duration, percent } from "../../components/format.ts";
import { Pager } from "../../components/pager.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";

export function JobTable() {
  const [offset, setOffset] = useState(0);
  const query = useQuery(
    useTRPC().admin.jobs.queryOptions(
      { offset },
      { placeholderData: keepPreviousData, refetchInterval: 5_000 },
    ),
  );
  return (
    <QueryView query={query}>
      {({ rows, totalCount }) =>
        rows.length === 0 ? (
          <EmptyState title="No job has run yet" />
        ) : (
          <>
            <Table label="Jobs" maxHeight="70vh">
              <thead>
                <tr>
                  <Head>Job</Head>
                  <Head>Kind</Head>
                  <Head>State</Head>
                  <Head isNumeric>Progress</Head>
                  <Head>Message</Head>
                  <Head>Created</Head>
                  <Head isNumeric>Took</Head>
                </tr>
              </thead>
              <tbody>
                {rows.map((job) => (
                  <Row key={job.jobId}>
                    <Cell>{job.title}</Cell>
                    <Cell>{job.kind}</Cell>
                    <Cell>
                      <StateBadge state={job.state} />
                    </Cell>
                    <Cell isNumeric>{percent(job.progress)}</Cell>
                    <Cell className="text-slate-600">{job.message}</Cell>
                    <Cell className="whitespace-nowrap text-slate-600">{dateTime(job.createdAt)}</Cell>
                    <Cell isNumeric className="whitespace-nowrap text-slate-600">
                      {job.finishedAt === null
                        ? "–"
                        : duration(job.finishedAt.getTime() - job.createdAt.getTime())}
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
  );
}
