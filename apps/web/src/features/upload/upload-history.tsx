"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Badge, type Tone } from "../../components/badge.tsx";
import { bytes, count, dateTime } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type UploadRow = Outputs["uploads"]["list"]["rows"][number];

const states: Readonly<Record<UploadRow["state"], { tone: Tone; label: string }>> = {
  open: { tone: "active", label: "being sent" },
  ingesting: { tone: "active", label: "being read" },
  finished: { tone: "done", label: "finished" },
  cancelled: { tone: "neutral", label: "cancelled" },
};

const sources: Readonly<Record<UploadRow["source"], string>> = {
  browser: "Browser",
  stow: "DICOMweb",
  dimse: "PACS",
  cli: "Command line",
};

/** What came in, from whichever machine and by whichever way. */
export function UploadHistory(props: { siteId: string | undefined }) {
  const [page, setPage] = useState(0);
  const query = useQuery(
    useTRPC().uploads.list.queryOptions(
      { page, ...(props.siteId === undefined ? {} : { siteId: props.siteId }) },
      { placeholderData: keepPreviousData, refetchInterval: 5_000 },
    ),
  );
  if (query.data === undefined || query.data.totalCount === 0) return null;
  const { pageSize, rows, totalCount } = query.data;
  return (
    <Section title="Uploads" lead="From every machine and by every way, newest first.">
      <Table label="Uploads of this site">
        <thead>
          <tr>
            <Head>Begun</Head>
            <Head>From</Head>
            <Head>State</Head>
            <Head isNumeric>Received</Head>
            <Head isNumeric>Files</Head>
            <Head isNumeric>Waiting</Head>
            <Head isNumeric>Accepted</Head>
            <Head isNumeric>Known already</Head>
            <Head isNumeric>To decide</Head>
            <Head isNumeric>Refused</Head>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ counts, ...upload }) => (
            <Row key={upload.uploadId}>
              <Cell className="whitespace-nowrap">{dateTime(upload.createdAt)}</Cell>
              <Cell>
                {sources[upload.source]}
                <span className="block text-xs text-slate-600">{upload.createdBy ?? upload.siteName}</span>
              </Cell>
              <Cell>
                <Badge tone={states[upload.state].tone}>{states[upload.state].label}</Badge>
              </Cell>
              <Cell isNumeric className="whitespace-nowrap">
                {bytes(upload.receivedBytes)}
              </Cell>
              <Cell isNumeric>
                {count(Object.values(counts).reduce((sum, value) => sum + value, 0))}
                {upload.state === "open" && upload.announcedFiles > 0
                  ? ` of ${count(upload.announcedFiles)}`
                  : null}
              </Cell>
              <Cell isNumeric>{count(counts.receiving + counts.staged)}</Cell>
              <Cell isNumeric>{count(counts.accepted)}</Cell>
              <Cell isNumeric>{count(counts.known)}</Cell>
              <Cell isNumeric>
                <RefusedLink uploadId={upload.uploadId} fileCount={counts.held} />
              </Cell>
              <Cell isNumeric>
                <RefusedLink uploadId={upload.uploadId} fileCount={counts.refused} />
              </Cell>
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
    </Section>
  );
}

function RefusedLink({ fileCount, uploadId }: { uploadId: string; fileCount: number }) {
  if (fileCount === 0) return "0";
  return (
    <Link href={`/studies/refused?upload=${uploadId}`} className="text-accent-700 underline">
      {count(fileCount)}
    </Link>
  );
}
