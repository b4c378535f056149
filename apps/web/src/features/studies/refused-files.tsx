"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { bytes, dateTime, shortHash } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";

export function RefusedFiles() {
  const [page, setPage] = useState(0);
  const query = useQuery(
    useTRPC().studies.refused.queryOptions({ page }, { placeholderData: keepPreviousData }),
  );
  return (
    <>
      <PageHeader
        title="Refused files"
        lead="Files that were not accepted, why, and what mends them. A file that is sent again and accepted leaves this list; accepted files are never asked for twice."
        back={
          <Link href="/studies" className="text-sm text-accent-700 hover:underline">
            Studies
          </Link>
        }
        actions={
          <Link href="/studies/upload" className={buttonLook("primary")}>
            Upload
          </Link>
        }
      />
      <QueryView query={query}>
        {({ rows, totalCount, pageSize }) =>
          rows.length === 0 ? (
            <EmptyState title="Nothing was refused" />
          ) : (
            <>
              <Table label="Refused files">
                <thead>
                  <tr>
                    <Head>File (sha256)</Head>
                    <Head>Site</Head>
                    <Head>Rule</Head>
                    <Head>Why and what to do</Head>
                    <Head isNumeric>Size</Head>
                    <Head>Received</Head>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((file) => (
                    <Row key={file.refusedFileId}>
                      <Cell>
                        <code className="font-mono text-[13px]" title={file.sha256}>
                          {shortHash(file.sha256)}
                        </code>
                      </Cell>
                      <Cell>{file.siteName}</Cell>
                      <Cell>
                        <Badge tone="failure">{file.code}</Badge>
                      </Cell>
                      <Cell className="max-w-xl">
                        <p>{file.message}</p>
                        <p className="text-slate-600">{file.remedy}</p>
                      </Cell>
                      <Cell isNumeric>{bytes(file.sizeBytes)}</Cell>
                      <Cell className="whitespace-nowrap">{dateTime(file.receivedAt)}</Cell>
                    </Row>
                  ))}
                </tbody>
              </Table>
              <Pager
                offset={page * pageSize}
                pageSize={pageSize}
                shownCount={rows.length}
                totalCount={totalCount}
                onMove={(offset) => setPage(Math.floor(offset / pageSize))}
              />
            </>
          )
        }
      </QueryView>
    </>
  );
}
