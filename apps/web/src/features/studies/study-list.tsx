"use client";

import { findingSchema, lateralitySchema, viewSchema } from "@crossread/contracts/dataset-manifest";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { SiteName, siteColour } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useSelectedSite } from "../shell/selected-site.ts";
import { FindingBadge } from "./finding-badge.tsx";
import { useStudyFilter } from "./study-url-filter.ts";

type StudyRow = Outputs["studies"]["list"]["rows"][number];

const studyDate = (date: Date | null) =>
  date === null ? "no date" : new Intl.DateTimeFormat(undefined, { timeZone: "UTC" }).format(date);

export function StudyList() {
  const trpc = useTRPC();
  const { filter, change } = useStudyFilter();
  const { page, look, ...conditions } = filter;
  const site = useSelectedSite();
  const query = useQuery(
    trpc.studies.list.queryOptions(
      { filter: { ...conditions, siteId: site?.siteId }, page },
      { placeholderData: keepPreviousData },
    ),
  );
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
            <Link href="/studies/upload" className={buttonLook("primary")}>
              Upload
            </Link>
          </>
        }
      />
      <SiteShares />
      <StudyFilters />
      <QueryView query={query}>
        {({ rows, totalCount, blindedCount, pageSize }) => (
          <>
            {blindedCount === 0 ? null : (
              <p className="mb-3 text-sm text-slate-600">
                {count(blindedCount)} {blindedCount === 1 ? "study is" : "studies are"} not shown: you still
                have to read {blindedCount === 1 ? "it" : "them"} blind.
              </p>
            )}
            {rows.length === 0 ? (
              <EmptyState title="No study matches">
                Change the filters, choose another site, or upload studies.
              </EmptyState>
            ) : look === "table" ? (
              <StudyTable rows={rows} />
            ) : (
              <StudyGallery rows={rows} />
            )}
            <Pager
              offset={page * pageSize}
              pageSize={pageSize}
              shownCount={rows.length}
              totalCount={totalCount}
              onMove={(offset) => change({ page: Math.floor(offset / pageSize) })}
            />
          </>
        )}
      </QueryView>
    </>
  );
}

/** How many studies each site holds, as one bar. */
function SiteShares() {
  const counts = useQuery(useTRPC().studies.counts.queryOptions());
  const bySite = (counts.data?.bySite ?? []).filter((site) => site.caseCount > 0);
  const total = bySite.reduce((sum, site) => sum + site.caseCount, 0);
  if (total === 0) return null;
  return (
    <div className="mb-4">
      <div className="flex h-2 gap-px overflow-hidden rounded-full" aria-hidden>
        {bySite.map((site) => (
          <div
            key={site.siteId}
            style={{ width: `${(site.caseCount / total) * 100}%`, background: siteColour(site.colourIndex) }}
          />
        ))}
      </div>
      <ul className="mt-1.5 flex flex-wrap gap-x-5 text-xs text-slate-600">
        {bySite.map((site) => (
          <li key={site.siteId} className="flex items-center gap-1.5">
            <SiteName site={site} />
            <span className="font-medium text-slate-900">{count(site.caseCount)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function StudyFilters() {
  const { filter, change } = useStudyFilter();
  return (
    <search className="mb-4 flex flex-wrap items-center gap-2">
      <Input
        type="search"
        aria-label="Pseudonym or case"
        placeholder="Pseudonym or case"
        className="w-40!"
        defaultValue={filter.search}
        onChange={(event) => change({ search: event.target.value })}
      />
      <Select
        aria-label="Finding"
        className="w-32!"
        value={filter.finding ?? ""}
        onChange={(event) => change({ finding: event.target.value })}
      >
        <option value="">Any finding</option>
        {[...findingSchema.options, "unknown"].map((finding) => (
          <option key={finding}>{finding}</option>
        ))}
      </Select>
      <Select
        aria-label="Laterality"
        className="w-28!"
        value={filter.laterality ?? ""}
        onChange={(event) => change({ laterality: event.target.value })}
      >
        <option value="">Both sides</option>
        {lateralitySchema.options.map((side) => (
          <option key={side} value={side}>
            has {side}
          </option>
        ))}
      </Select>
      <Select
        aria-label="View"
        className="w-28!"
        value={filter.view ?? ""}
        onChange={(event) => change({ view: event.target.value })}
      >
        <option value="">Any view</option>
        {viewSchema.options.map((view) => (
          <option key={view} value={view}>
            has {view}
          </option>
        ))}
      </Select>
      <Input
        type="date"
        aria-label="Study date from"
        className="w-36!"
        value={filter.from ?? ""}
        onChange={(event) => change({ from: event.target.value })}
      />
      <span className="text-sm text-slate-500">to</span>
      <Input
        type="date"
        aria-label="Study date to"
        className="w-36!"
        value={filter.to ?? ""}
        onChange={(event) => change({ to: event.target.value })}
      />
      <Select
        aria-label="Look"
        className="ml-auto w-24!"
        value={filter.look}
        onChange={(event) => change({ look: event.target.value === "table" ? "table" : undefined })}
      >
        <option value="gallery">Gallery</option>
        <option value="table">Table</option>
      </Select>
    </search>
  );
}

function Findings(props: { row: StudyRow }) {
  const { findings } = props.row;
  return (
    <span className="flex flex-wrap gap-1">
      <FindingBadge laterality="R" finding={findings.R} />
      <FindingBadge laterality="L" finding={findings.L} />
    </span>
  );
}

function StudyGallery(props: { rows: readonly StudyRow[] }) {
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(15rem,1fr))] gap-3">
      {props.rows.map((row) => (
        <li key={row.studyId}>
          <Link
            href={`/studies/${row.studyId}`}
            className="block overflow-hidden rounded-lg border border-slate-200 bg-white hover:border-accent-500"
          >
            <Thumbnails row={row} />
            <div className="flex flex-col gap-1.5 px-3 py-2.5">
              <div className="flex items-baseline justify-between gap-2">
                <Pseudonym>{row.caseLabel}</Pseudonym>
                <span className="text-xs text-slate-500">{studyDate(row.studyDate)}</span>
              </div>
              <div className="flex items-center text-xs text-slate-600">
                <SiteName site={row.site} />
                {row.density === null ? null : <span className="ml-2">density {row.density}</span>}
              </div>
              <Findings row={row} />
            </div>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Right breast left, as on the light box. */
function Thumbnails(props: { row: StudyRow }) {
  const { images, caseLabel } = props.row;
  return (
    <div className="grid grid-cols-4 gap-px bg-black">
      {(["R", "L"] as const).flatMap((laterality) =>
        (["CC", "MLO"] as const).map((view) => {
          const image = images.find((each) => each.laterality === laterality && each.view === view);
          const name = `${laterality} ${view}`;
          return image === undefined ? (
            <div key={name} className="grid h-28 place-items-center text-[11px] text-zinc-500">
              {name}
            </div>
          ) : (
            // Authorised by the session's cookie, so the optimiser must not fetch it.
            <img
              key={name}
              src={`/api/thumbnails/${image.instanceId}`}
              alt={`${name} of ${caseLabel}`}
              loading="lazy"
              className="h-28 w-full object-contain"
            />
          );
        }),
      )}
    </div>
  );
}

function StudyTable(props: { rows: readonly StudyRow[] }) {
  return (
    <Table label="Studies" maxHeight="70vh">
      <thead>
        <tr>
          <Head>Case</Head>
          <Head>Site</Head>
          <Head>Study date</Head>
          <Head>Received</Head>
          <Head>Density</Head>
          <Head isNumeric>Images</Head>
          <Head>Reference standard</Head>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Row key={row.studyId}>
            <Cell>
              <Link href={`/studies/${row.studyId}`} className="text-accent-700 hover:underline">
                <Pseudonym>{row.caseLabel}</Pseudonym>
              </Link>
            </Cell>
            <Cell>
              <SiteName site={row.site} />
            </Cell>
            <Cell>{studyDate(row.studyDate)}</Cell>
            <Cell>{new Intl.DateTimeFormat().format(row.receivedAt)}</Cell>
            <Cell>{row.density ?? "–"}</Cell>
            <Cell isNumeric>{row.images.length}</Cell>
            <Cell>
              <Findings row={row} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
