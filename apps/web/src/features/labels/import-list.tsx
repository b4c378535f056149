"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, dateTime, shortHash } from "../../components/format.ts";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, useTRPCClient, type Outputs } from "../../trpc/client.ts";
import { useKeptSites } from "../shell/use-actor.ts";
import { download } from "./outcome-table.tsx";
import { UndoDialog } from "./undo-dialog.tsx";

type ImportRow = Outputs["labels"]["imports"][number];

export function ImportList(props: { siteId: string | undefined }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const imports = useQuery(trpc.labels.imports.queryOptions({ siteId: props.siteId }));
  const isKept = useKeptSites();
  const [undoing, setUndoing] = useState<ImportRow>();
  const report = async (importId: string) => {
    const rows = await client.labels.report.query({ importId });
    download(rows.map((row) => ({ ...row, column: "" })));
  };
  return (
    <QueryView query={imports}>
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState title="No table imported yet">
            Labels entered by hand are on the page of each study.
          </EmptyState>
        ) : (
          <>
            <Table label="Imported tables">
              <thead>
                <tr>
                  <Head>When</Head>
                  <Head>Site</Head>
                  <Head>By</Head>
                  <Head>Reason</Head>
                  <Head isNumeric>New</Head>
                  <Head isNumeric>Changed</Head>
                  <Head isNumeric>Same</Head>
                  <Head isNumeric>Refused</Head>
                  <Head>File</Head>
                  <Head>
                    <span className="sr-only">What can be done</span>
                  </Head>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Row key={row.importId} className={row.undone === null ? "" : "text-slate-600"}>
                    <Cell className="whitespace-nowrap">{dateTime(row.createdAt)}</Cell>
                    <Cell className="whitespace-nowrap">{row.siteName}</Cell>
                    <Cell className="whitespace-nowrap">{row.creatorName ?? "–"}</Cell>
                    <Cell>
                      {row.reason}
                      {row.undone === null ? null : (
                        <span className="mt-0.5 block text-xs">
                          <Badge>undone</Badge> {dateTime(row.undone.at)}, {row.undone.byName ?? "–"}:{" "}
                          {row.undone.reason}
                        </span>
                      )}
                    </Cell>
                    <Cell isNumeric>{count(row.counts.new)}</Cell>
                    <Cell isNumeric>{count(row.counts.changed)}</Cell>
                    <Cell isNumeric>{count(row.counts.same)}</Cell>
                    <Cell isNumeric>{count(row.counts.refused)}</Cell>
                    <Cell title={`sha256 ${row.fileSha256}`}>
                      <code className="font-mono text-xs">{shortHash(row.fileSha256)}</code>
                    </Cell>
                    <Cell>
                      <span className="flex justify-end gap-1">
                        <Button emphasis="quiet" onClick={() => void report(row.importId)}>
                          Report
                        </Button>
                        {row.undone === null && isKept(row.siteId) ? (
                          <Button emphasis="quiet" onClick={() => setUndoing(row)}>
                            Undo…
                          </Button>
                        ) : null}
                      </span>
                    </Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
            {undoing === undefined ? null : (
              <UndoDialog importRow={undoing} onClose={() => setUndoing(undefined)} />
            )}
          </>
        )
      }
    </QueryView>
  );
}
