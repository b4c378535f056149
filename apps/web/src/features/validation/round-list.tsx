"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { isMetricName, metricLabels, splitLabels } from "../metrics/metric-name.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";

export function RoundList() {
  const query = useQuery(useTRPC().validation.list.queryOptions());
  const create = useIsPlatformAdmin() ? (
    <Link href="/validation/new" className={buttonLook("primary")}>
      New validation round
    </Link>
  ) : null;
  return (
    <>
      <PageHeader
        title="Validation"
        lead="What is measured, on whom and at which operating point is fixed before anything runs; published, it never changes."
        actions={create}
        showsResults
      />
      <QueryView query={query}>
        {(rounds) =>
          rounds.length === 0 ? (
            <EmptyState title="No validation round yet" action={create}>
              A round takes checkpoints and a frozen cohort.
            </EmptyState>
          ) : (
            <Table label="Validation rounds">
              <thead>
                <tr>
                  <Head>Name</Head>
                  <Head>State</Head>
                  <Head>Cohort</Head>
                  <Head>Split</Head>
                  <Head>Primary metric</Head>
                  <Head isNumeric>Checkpoints</Head>
                  <Head>Created</Head>
                  <Head>Published</Head>
                </tr>
              </thead>
              <tbody>
                {rounds.map((round) => (
                  <Row key={round.validationRoundId}>
                    <Cell>
                      <Link
                        href={`/validation/${round.validationRoundId}`}
                        className="font-medium text-accent-700 hover:underline"
                      >
                        {round.name}
                      </Link>
                    </Cell>
                    <Cell>
                      <StateBadge state={round.state} />
                    </Cell>
                    <Cell>{round.cohortName}</Cell>
                    <Cell>{splitLabels[round.split]}</Cell>
                    <Cell>
                      {isMetricName(round.primaryMetric)
                        ? metricLabels[round.primaryMetric]
                        : round.primaryMetric}
                    </Cell>
                    <Cell isNumeric>{round.checkpoints.length}</Cell>
                    <Cell className="whitespace-nowrap text-slate-600">{dateTime(round.createdAt)}</Cell>
                    <Cell className="whitespace-nowrap text-slate-600">
                      {round.publishedAt === null ? "–" : dateTime(round.publishedAt)}
                    </Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
          )
        }
      </QueryView>
    </>
  );
}
