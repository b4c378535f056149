"use client";

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, shortHash } from "../../components/format.ts";
import { Input, Select } from "../../components/form-field.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { ChainState } from "./chain-state.tsx";

const toTheSecond = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function AuditLog() {
  const trpc = useTRPC();
  const router = useRouter();
  const search = useSearchParams();
  const action = search.get("action") ?? undefined;
  const entityId = search.get("entity") ?? undefined;
  const site = useSelectedSite();
  const isFiltered = action !== undefined || entityId !== undefined || site !== undefined;
  const actions = useQuery(trpc.audit.actions.queryOptions());
  const query = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      { action, entityId, siteId: site?.siteId },
      { getNextPageParam: (page) => page.next, placeholderData: keepPreviousData },
    ),
  );

  function filter(name: string, value: string) {
    const next = new URLSearchParams(search);
    if (value === "") next.delete(name);
    else next.set(name, value);
    router.replace(`/audit?${next}`);
  }

  return (
    <>
      <PageHeader
        title="Audit"
        lead="Who did what, in order. Each event carries the hash of the one before it, so that no row can be changed unnoticed."
      />
      <ChainState />
      <div className="mb-3 flex flex-wrap gap-2">
        <Select
          aria-label="Action"
          className="w-56"
          value={action ?? ""}
          onChange={(event) => filter("action", event.target.value)}
        >
          <option value="">All actions</option>
          {(actions.data ?? []).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
        <Input
          aria-label="Entity id"
          placeholder="Entity id"
          className="w-80 font-mono"
          defaultValue={entityId ?? ""}
          onKeyDown={(event) => {
            if (event.key === "Enter") filter("entity", event.currentTarget.value.trim());
          }}
          onBlur={(event) => {
            if (event.target.value.trim() !== (entityId ?? "")) filter("entity", event.target.value.trim());
          }}
        />
      </div>
      <QueryView query={query} rows={8}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.rows);
          return rows.length === 0 ? (
            isFiltered ? (
              <EmptyState title="No event matches">Change the filters, or choose all sites.</EmptyState>
            ) : (
              <EmptyState title="Nothing has happened at your sites yet" />
            )
          ) : (
            <>
              <Table label="Audit events" maxHeight="68vh">
                <thead>
                  <tr>
                    <Head isNumeric>No.</Head>
                    <Head>When</Head>
                    <Head>Who</Head>
                    <Head>Action</Head>
                    <Head>On</Head>
                    <Head>Site</Head>
                    <Head>Details</Head>
                    <Head className="max-[1400px]:hidden">Hash</Head>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((event) => (
                    <Row key={event.sequence}>
                      <Cell isNumeric className="text-slate-600" title={`Hash ${event.hash}`}>
                        {event.sequence}
                      </Cell>
                      <Cell className="whitespace-nowrap">
                        <time dateTime={event.at.toISOString()} title={event.at.toISOString()}>
                          {toTheSecond.format(event.at)}
                        </time>
                      </Cell>
                      <Cell className="whitespace-nowrap">{event.actorName ?? actorOf(event.details)}</Cell>
                      <Cell className="whitespace-nowrap">{event.action}</Cell>
                      <Cell className="whitespace-nowrap">
                        {event.entityKind}{" "}
                        <button
                          type="button"
                          className="text-accent-700 hover:underline"
                          title={`Only ${event.entityId}`}
                          onClick={() => filter("entity", event.entityId)}
                        >
                          <Pseudonym>{event.entityId.slice(-12)}</Pseudonym>
                        </button>
                      </Cell>
                      <Cell className="whitespace-nowrap">{event.siteName ?? "–"}</Cell>
                      <Cell>
                        {event.reason === null ? null : <span className="block">“{event.reason}”</span>}
                        <Details value={JSON.stringify(event.details)} />
                      </Cell>
                      <Cell className="max-[1400px]:hidden">
                        <Pseudonym title={event.hash}>{shortHash(event.hash)}</Pseudonym>
                      </Cell>
                    </Row>
                  ))}
                </tbody>
              </Table>
              <div className="mt-2 flex items-center justify-between text-sm text-slate-600">
                <span>
                  {count(rows.length)} of {count(pages[0]?.totalCount ?? 0)}
                </span>
                <Button
                  disabled={!query.hasNextPage || query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Older events
                </Button>
              </div>
            </>
          );
        }}
      </QueryView>
    </>
  );
}

/** Where no person did it: a program with a token of the site, or the platform itself. */
const actorOf = (details: unknown): string =>
  typeof details === "object" && details !== null && "tokenId" in details && details.tokenId !== null
    ? "a token"
    : "platform";

function Details(props: { value: string }) {
  if (props.value === "{}") return null;
  return (
    <details>
      <summary className="max-w-44 truncate font-mono text-xs text-slate-600">{props.value}</summary>
      <pre className="mt-1 max-w-80 font-mono text-xs break-all whitespace-pre-wrap text-slate-700">
        {JSON.stringify(JSON.parse(props.value), null, 2)}
      </pre>
    </details>
  );
}
