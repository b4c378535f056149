"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Badge } from "../../components/badge.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { SiteName } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { EstimateCell } from "../metrics/estimate-cell.tsx";

export function SiteList() {
  const trpc = useTRPC();
  const query = useQuery(trpc.sites.mine.queryOptions());
  const overview = useQuery(trpc.overview.load.queryOptions());
  return (
    <>
      <PageHeader
        title="Sites"
        lead="The sites at which you have a role, and how the newest model does there."
        showsResults
      />
      <QueryView query={query}>
        {(sites) =>
          sites.length === 0 ? (
            <EmptyState title="You have no role at any site" />
          ) : (
            <Table label="Sites">
              <thead>
                <tr>
                  <Head>Site</Head>
                  <Head>Code</Head>
                  <Head>Acquisition</Head>
                  <Head>State</Head>
                  <Head isNumeric>n</Head>
                  <Head isNumeric>AUC</Head>
                  <Head isNumeric>DIP</Head>
                </tr>
              </thead>
              <tbody>
                {sites.map((site) => {
                  const row = overview.data?.headline.find((one) => one.siteId === site.siteId);
                  return (
                    <Row key={site.siteId}>
                      <Cell>
                        <Link
                          href={`/sites/${site.siteId}`}
                          className="font-medium text-accent-700 hover:underline"
                        >
                          <SiteName site={site} />
                        </Link>
                      </Cell>
                      <Cell>
                        <code className="font-mono text-[13px]">{site.code}</code>
                      </Cell>
                      <Cell>{site.acquisition}</Cell>
                      <Cell>
                        {site.isActive ? <Badge tone="active">active</Badge> : <Badge>paused</Badge>}
                      </Cell>
                      <Cell isNumeric>{row?.caseCount ?? "–"}</Cell>
                      <Cell isNumeric>
                        {row === undefined ? "–" : <EstimateCell estimate={row.metrics.auc} />}
                      </Cell>
                      <Cell isNumeric>
                        {row === undefined ? "–" : <EstimateCell estimate={row.metrics.dip} />}
                      </Cell>
                    </Row>
                  );
                })}
              </tbody>
            </Table>
          )
        }
      </QueryView>
    </>
  );
}
