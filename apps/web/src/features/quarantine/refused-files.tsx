"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Select } from "../../components/form-field.tsx";
import { bytes, count, dateTime, shortHash } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useCoordinatedSites, useIsAnyCoordinator, useIsAnySiteKeeper } from "../shell/use-actor.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { DismissDialog } from "./dismiss-dialog.tsx";
import { HeldReview } from "./held-review.tsx";

type RefusedFile = Outputs["quarantine"]["list"]["rows"][number];
const states = [
  { name: "open", label: "To be mended" },
  { name: "resolved", label: "Mended" },
  { name: "dismissed", label: "Dismissed" },
] as const;
type State = (typeof states)[number]["name"];

export function RefusedFiles() {
  const trpc = useTRPC();
  const router = useRouter();
  const parameters = useSearchParams();
  const site = useSelectedSite();
  const canDismiss = useIsAnySiteKeeper();
  const maySend = useIsAnyCoordinator();
  const [page, setPage] = useState(0);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isDismissing, setIsDismissing] = useState(false);
  const [reviewed, setReviewed] = useState<string>();
  const state = states.find(({ name }) => name === parameters.get("state"))?.name ?? "open";
  const code = parameters.get("code") ?? undefined;
  const uploadId = parameters.get("upload") ?? undefined;
  const filter = {
    state,
    ...(site === undefined ? {} : { siteId: site.siteId }),
    ...(code === undefined ? {} : { code }),
    ...(uploadId === undefined ? {} : { uploadId }),
  };
  const query = useQuery(
    trpc.quarantine.list.queryOptions({ ...filter, page }, { placeholderData: keepPreviousData }),
  );
  const codes = useQuery(trpc.quarantine.codes.queryOptions(filter, { placeholderData: keepPreviousData }));

  function filterBy(name: "state" | "code" | "upload", value: string | undefined) {
    const next = new URLSearchParams(parameters);
    if (value === undefined) next.delete(name);
    else next.set(name, value);
    setPage(0);
    setChosen(new Set());
    router.replace(`/studies/refused?${next}`);
  }

  const total = codes.data?.reduce((sum, one) => sum + one.count, 0) ?? 0;
  return (
    <>
      <PageHeader
        title="Refused files"
        lead="Files that were not accepted, why, and what mends them. Files that may show text wait here for a coordinator’s decision. One that is mended and sent again leaves this list by itself; accepted files are never asked for twice."
        back={<BackLink href="/studies">Studies</BackLink>}
        actions={
          <>
            <a href={`/api/refused?${exportQuery(filter)}`} className={buttonLook("secondary")} download>
              Export CSV
            </a>
            {maySend ? (
              <Link href="/studies/upload" className={buttonLook("primary")}>
                Upload
              </Link>
            ) : null}
          </>
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <div role="group" aria-label="State" className="flex gap-1">
          {states.map(({ label, name }) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === state}
              onClick={() => filterBy("state", name === "open" ? undefined : name)}
              className="h-8 rounded-md border border-transparent px-3 text-sm text-slate-700 hover:bg-slate-200/70 aria-pressed:border-slate-300 aria-pressed:bg-white aria-pressed:font-medium"
            >
              {label}
            </button>
          ))}
        </div>
        <Select
          aria-label="Rule"
          className="w-64"
          value={code ?? ""}
          onChange={(event) => filterBy("code", event.target.value === "" ? undefined : event.target.value)}
        >
          <option value="">All rules ({count(total)})</option>
          {codes.data?.map((one) => (
            <option key={one.code} value={one.code}>
              {one.code} ({count(one.count)})
            </option>
          ))}
        </Select>
        {uploadId === undefined ? null : (
          <Button onClick={() => filterBy("upload", undefined)}>Of one upload ×</Button>
        )}
        {canDismiss && state === "open" ? (
          <Button disabled={chosen.size === 0} onClick={() => setIsDismissing(true)}>
            Dismiss {chosen.size === 0 ? "…" : `${count(chosen.size)}…`}
          </Button>
        ) : null}
      </div>
      {state === "open" && query.data !== undefined ? (
        <HeldRoom held={query.data.held} limitBytes={query.data.heldBytesLimit} />
      ) : null}
      <QueryView query={query}>
        {({ pageSize, rows, totalCount }) =>
          rows.length === 0 ? (
            <EmptyState title={emptyTitles[state]}>
              {state === "open" && code === undefined && uploadId === undefined
                ? "Files that cannot be accepted are listed here with the reason and what to do."
                : undefined}
            </EmptyState>
          ) : (
            <>
              <RefusedTable
                rows={rows}
                state={state}
                canChoose={canDismiss && state === "open"}
                chosen={chosen}
                onChoose={setChosen}
                onReview={setReviewed}
              />
              <Pager
                offset={page * pageSize}
                pageSize={pageSize}
                shownCount={rows.length}
                totalCount={totalCount}
                onMove={(offset) => {
                  setPage(Math.floor(offset / pageSize));
                  setChosen(new Set());
                }}
              />
            </>
          )
        }
      </QueryView>
      {reviewed === undefined ? null : (
        <HeldReview
          refusedFileId={reviewed}
          onClose={() => setReviewed(undefined)}
          onLeaveOut={() => {
            setChosen(new Set([reviewed]));
            setReviewed(undefined);
            setIsDismissing(true);
          }}
        />
      )}
      {isDismissing ? (
        <DismissDialog
          refusedFileIds={[...chosen]}
          onClose={() => setIsDismissing(false)}
          onDone={() => {
            setIsDismissing(false);
            setChosen(new Set());
          }}
        />
      ) : null}
    </>
  );
}

/** How much of a site's room the files take that wait for a decision. */
function HeldRoom(props: { held: Outputs["quarantine"]["list"]["held"]; limitBytes: number }) {
  const { held, limitBytes } = props;
  if (held.length === 0) return null;
  return (
    <ul aria-label="Files held for a decision" className="mb-3 text-sm text-slate-600">
      {held.map((site) => (
        <li key={site.siteId} className={site.sizeBytes > 0.8 * limitBytes ? "text-amber-800" : undefined}>
          {site.siteName}: {count(site.fileCount)} held for a decision, {bytes(site.sizeBytes)} of{" "}
          {bytes(limitBytes)}
        </li>
      ))}
    </ul>
  );
}

const emptyTitles: Readonly<Record<State, string>> = {
  open: "Nothing waits to be mended",
  resolved: "Nothing was mended yet",
  dismissed: "Nothing was dismissed",
};

const exportQuery = (filter: Readonly<Record<string, string>>): string =>
  new URLSearchParams(filter).toString();

const badgeTone = (file: RefusedFile, state: State) =>
  state !== "open" ? "neutral" : file.held === null ? "failure" : "warning";

function RefusedTable(props: {
  rows: readonly RefusedFile[];
  state: State;
  canChoose: boolean;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onReview: (refusedFileId: string) => void;
}) {
  const { canChoose, chosen, rows, state } = props;
  const coordinates = useCoordinatedSites();
  const areAllChosen = rows.every(({ refusedFileId }) => chosen.has(refusedFileId));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    props.onChoose(next);
  };
  return (
    <Table label="Refused files">
      <thead>
        <tr>
          {canChoose ? (
            <Head>
              <input
                type="checkbox"
                aria-label="All on this page"
                className="size-4 accent-accent-700"
                checked={areAllChosen}
                onChange={() =>
                  props.onChoose(new Set(areAllChosen ? [] : rows.map(({ refusedFileId }) => refusedFileId)))
                }
              />
            </Head>
          ) : null}
          <Head>File (digest)</Head>
          <Head>Site</Head>
          <Head>Rule</Head>
          <Head>Why, and what to do</Head>
          <Head isNumeric>Size</Head>
          <Head>{state === "open" ? "Received" : state === "resolved" ? "Mended" : "Dismissed"}</Head>
        </tr>
      </thead>
      <tbody>
        {rows.map((file) => (
          <Row key={file.refusedFileId}>
            {canChoose ? (
              <Cell>
                <input
                  type="checkbox"
                  aria-label={`File ${shortHash(file.sha256)}`}
                  className="size-4 accent-accent-700"
                  checked={chosen.has(file.refusedFileId)}
                  onChange={() => toggle(file.refusedFileId)}
                />
              </Cell>
            ) : null}
            <Cell>
              <code className="font-mono text-[13px]" title={file.sha256}>
                {shortHash(file.sha256)}
              </code>
            </Cell>
            <Cell className="whitespace-nowrap">{file.siteName}</Cell>
            <Cell>
              <Badge tone={badgeTone(file, state)}>{file.code}</Badge>
            </Cell>
            <Cell className="max-w-xl">
              <p>{file.message}</p>
              <p className="text-slate-600">
                {file.dismissReason === null
                  ? file.remedy
                  : `${file.dismissedBy ?? "Someone"}: ${file.dismissReason}`}
              </p>
              {state === "open" && file.held === "undecided" && coordinates(file.siteId) ? (
                <Button className="mt-1" onClick={() => props.onReview(file.refusedFileId)}>
                  Look and decide…
                </Button>
              ) : null}
              {file.held === "decided" ? <p className="text-slate-600">Decided, being taken in.</p> : null}
            </Cell>
            <Cell isNumeric className="whitespace-nowrap">
              {bytes(file.sizeBytes)}
            </Cell>
            <Cell className="whitespace-nowrap">
              {dateTime(file.resolvedAt ?? file.dismissedAt ?? file.receivedAt)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
