"use client";

import { studySortSchema, type StudySort } from "@crossread/contracts/study-browser";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button, buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { useIsAnyCoordinator, useIsAnySiteKeeper } from "../shell/use-actor.ts";
import { isDialogOpen, isTyping, listeningForKeys } from "../viewer/viewer-keys.ts";
import { FacetPanel } from "./facet-panel.tsx";
import { SearchField } from "./search-field.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { StudyGallery, StudyTable } from "./study-rows.tsx";
import { useStudyUrl } from "./study-url-filter.ts";

const sortNames: Readonly<Record<StudySort, string>> = {
  "received-newest": "Received, newest first",
  "received-oldest": "Received, oldest first",
  "study-date-newest": "Study date, newest first",
  "study-date-oldest": "Study date, oldest first",
  name: "Case name",
};

const isFiltered = (url: ReturnType<typeof useStudyUrl>["url"]) =>
  Object.keys(url.facets).length > 0 || [url.search, url.from, url.to].some((value) => value !== undefined);

export function StudyList() {
  const studyUrl = useStudyUrl();
  const mayWrite = useIsAnySiteKeeper();
  const maySend = useIsAnyCoordinator();
  return (
    <>
      <PageHeader
        title="Studies"
        lead="What the sites sent and what was accepted."
        actions={
          <>
            <Link href="/studies/refused" className={buttonLook("secondary")}>
              Refused files
            </Link>
            <Link href="/studies/labels" className={buttonLook("secondary")}>
              Label tables
            </Link>
            {maySend ? (
              <Link href="/studies/upload" className={buttonLook("primary")}>
                Upload
              </Link>
            ) : null}
          </>
        }
      />
      <div className="grid grid-cols-[13rem_minmax(0,1fr)] gap-6">
        <Facets studyUrl={studyUrl} />
        <Studies studyUrl={studyUrl} mayWrite={mayWrite} />
      </div>
    </>
  );
}

type StudyUrlState = ReturnType<typeof useStudyUrl>;

function useFilter(studyUrl: StudyUrlState) {
  const { facets, from, search, to } = studyUrl.url;
  const site = useSelectedSite();
  return { ...facets, siteId: site?.siteId, from, to, search };
}

function Facets(props: { studyUrl: StudyUrlState }) {
  const trpc = useTRPC();
  const sites = useQuery(trpc.sites.list.queryOptions());
  const counts = useQuery(
    trpc.studies.facets.queryOptions(
      { filter: useFilter(props.studyUrl) },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <aside
      aria-label="Filters"
      className="sticky top-4 max-h-[calc(100vh-2rem)] self-start overflow-y-auto pr-1 pb-4"
    >
      {counts.data !== undefined ? (
        <FacetPanel counts={counts.data} sites={sites.data ?? []} studyUrl={props.studyUrl} />
      ) : counts.error === null ? (
        <Skeleton rows={12} label="Counting" />
      ) : (
        <ErrorState message={counts.error.message} onRetry={() => void counts.refetch()} />
      )}
    </aside>
  );
}

function Studies(props: { studyUrl: StudyUrlState; mayWrite: boolean }) {
  const { studyUrl, mayWrite } = props;
  const maySend = useIsAnyCoordinator();
  const { url, change } = studyUrl;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const cursor = url.after ?? url.before;
  const query = useQuery(
    useTRPC().studies.list.queryOptions(
      {
        filter: useFilter(studyUrl),
        sort: url.sort,
        from:
          cursor === undefined ? undefined : { side: url.after === undefined ? "before" : "after", cursor },
      },
      { placeholderData: keepPreviousData },
    ),
  );
  const select = (studyIds: readonly string[], isSelected: boolean) =>
    setSelected((before) => {
      const next = new Set(before);
      for (const studyId of studyIds) {
        if (isSelected) next.add(studyId);
        else next.delete(studyId);
      }
      return next;
    });
  return (
    <div
      ref={(element) =>
        listeningForKeys((event) => {
          if (event.key !== "/" || isTyping(event.target) || isDialogOpen()) return;
          event.preventDefault();
          document.getElementById("study-search")?.focus();
        })(element)
      }
    >
      <Toolbar studyUrl={studyUrl} />
      <QueryView query={query} rows={8}>
        {({ rows, next, previous }) => (
          <>
            <Totals studyUrl={studyUrl} isLoading={query.isPlaceholderData} />
            {selected.size === 0 || !mayWrite ? null : (
              <SelectionBar
                rows={rows}
                selected={selected}
                onSelect={select}
                onClear={() => setSelected(new Set())}
              />
            )}
            {rows.length === 0 ? (
              <EmptyState
                title={isFiltered(url) ? "No study matches" : "No studies yet"}
                action={
                  isFiltered(url) ? (
                    <Button onClick={studyUrl.clear}>Clear all filters</Button>
                  ) : maySend ? (
                    <Link href="/studies/upload" className={buttonLook("primary")}>
                      Upload studies
                    </Link>
                  ) : undefined
                }
              >
                {isFiltered(url)
                  ? "The charts on the left show what the other filters leave."
                  : "Studies appear here as soon as a site has sent them and they were accepted."}
              </EmptyState>
            ) : url.look === "table" ? (
              <StudyTable rows={rows} selected={selected} onSelect={mayWrite ? select : undefined} />
            ) : (
              <StudyGallery rows={rows} selected={selected} onSelect={mayWrite ? select : undefined} />
            )}
            {next === null && previous === null ? null : (
              <nav aria-label="Pages" className="mt-3 flex justify-end gap-2">
                <Button
                  disabled={previous === null}
                  onClick={() => change({ before: previous ?? undefined })}
                >
                  Previous
                </Button>
                <Button disabled={next === null} onClick={() => change({ after: next ?? undefined })}>
                  Next
                </Button>
              </nav>
            )}
          </>
        )}
      </QueryView>
    </div>
  );
}

/** From the charts' statement: the list itself does not count. */
function Totals(props: { studyUrl: StudyUrlState; isLoading: boolean }) {
  const { studyUrl, isLoading } = props;
  const counts = useQuery(
    useTRPC().studies.facets.queryOptions(
      { filter: useFilter(studyUrl) },
      { placeholderData: keepPreviousData },
    ),
  ).data;
  return (
    <p className="mb-2 flex min-h-5 flex-wrap items-center gap-x-4 text-sm text-slate-600" aria-live="polite">
      {counts === undefined ? null : (
        <span>
          <span className="font-medium text-slate-900">{count(counts.studyCount)}</span>{" "}
          {counts.studyCount === 1 ? "study" : "studies"}
        </span>
      )}
      {isFiltered(studyUrl.url) ? (
        <button type="button" onClick={studyUrl.clear} className="text-accent-700 hover:underline">
          Clear all filters
        </button>
      ) : null}
      {counts === undefined || counts.blindedCount === 0 ? null : (
        <span>
          {count(counts.blindedCount)} more {counts.blindedCount === 1 ? "is" : "are"} not shown: you still
          have to read {counts.blindedCount === 1 ? "it" : "them"} blind.
        </span>
      )}
      {isLoading ? <span role="status">Loading…</span> : null}
    </p>
  );
}

function Toolbar(props: { studyUrl: StudyUrlState }) {
  const { url, change } = props.studyUrl;
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <SearchField
        key={url.search === undefined ? "empty" : "filled"}
        initial={url.search ?? ""}
        onSearch={(search) => change({ search })}
      />
      <span className="ml-auto flex gap-2">
        <Select
          aria-label="Order"
          className="w-56!"
          value={url.sort}
          onChange={(event) =>
            change({ sort: event.target.value === "received-newest" ? undefined : event.target.value })
          }
        >
          {studySortSchema.options.map((sort) => (
            <option key={sort} value={sort}>
              {sortNames[sort]}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Look"
          className="w-24!"
          value={url.look}
          onChange={(event) => change({ look: event.target.value === "table" ? "table" : undefined })}
        >
          <option value="gallery">Gallery</option>
          <option value="table">Table</option>
        </Select>
      </span>
    </search>
  );
}
