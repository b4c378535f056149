"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime, shortHash } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { EstimateCell } from "../metrics/estimate-cell.tsx";

export function CheckpointList() {
  const [offset, setOffset] = useState(0);
  const query = useQuery(
    useTRPC().models.list.queryOptions({ offset }, { placeholderData: keepPreviousData }),
  );
  return (
    <>
      <PageHeader
        title="Models"
        lead="Every checkpoint ever made, unchangeable, with where it comes from and what it can do."
        showsResults
      />
      <QueryView query={query}>
        {({ rows, totalCount }) =>
          rows.length === 0 ? (
            <EmptyState title="No checkpoint yet">
              The first round of a training run makes the first one.
            </EmptyState>
          ) : (
            <>
              <Table label="Checkpoints">
                <thead>
                  <tr>
                    <Head>Checkpoint</Head>
                    <Head>Run</Head>
                    <Head isNumeric>Round</Head>
                    <Head isNumeric>n</Head>
                    <Head isNumeric>AUC, pooled</Head>
                    <Head isNumeric>DIP, pooled</Head>
                    <Head>Weights</Head>
                    <Head>Created</Head>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Row key={row.checkpointId}>
                      <Cell>
                        <span className="flex items-center gap-2">
                          <Link
                            href={`/models/${row.checkpointId}`}
                            className="font-medium text-accent-700 hover:underline"
                          >
                            {row.name}
                          </Link>
                          {row.isLatestOfRun ? <Badge tone="active">latest</Badge> : null}
                        </span>
                      </Cell>
                      <Cell>{row.runName ?? "–"}</Cell>
                      <Cell isNumeric>{row.roundNumber}</Cell>
                      <Cell isNumeric>{row.evaluation?.caseCount ?? "–"}</Cell>
                      <Cell isNumeric>
                        {row.evaluation === null ? (
                          "–"
                        ) : (
                          <EstimateCell estimate={row.evaluation.metrics.auc} />
                        )}
                      </Cell>
                      <Cell isNumeric>
                        {row.evaluation === null ? (
                          "–"
                        ) : (
                          <EstimateCell estimate={row.evaluation.metrics.dip} />
                        )}
                      </Cell>
                      <Cell>
                        <Pseudonym title={row.sha256}>{shortHash(row.sha256)}</Pseudonym>
                      </Cell>
                      <Cell className="whitespace-nowrap text-slate-600">{dateTime(row.createdAt)}</Cell>
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
