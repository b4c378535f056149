"use client";

import Link from "next/link";
import type { KeyboardEvent } from "react";
import { Badge } from "../../components/badge.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { SiteName } from "../../components/site-name.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { completenessNames } from "./facet-texts.ts";
import { FindingBadge } from "./finding-badge.tsx";
import { TechnicalBadges } from "./technical-badges.tsx";

export type StudyRow = Outputs["studies"]["list"]["rows"][number];

interface RowsProps {
  readonly rows: readonly StudyRow[];
  readonly selected: ReadonlySet<string>;
  /** Undefined where the caller may change nothing. */
  readonly onSelect: ((studyIds: readonly string[], isSelected: boolean) => void) | undefined;
}

const studyDate = (date: Date | null) =>
  date === null ? "no date" : new Intl.DateTimeFormat(undefined, { timeZone: "UTC" }).format(date);

/** Arrows walk through the studies as they lie on the page; Enter opens one, the space bar chooses it. */
function walk(event: KeyboardEvent<HTMLElement>) {
  if (!(event.target instanceof HTMLElement) || event.target.dataset["study"] === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-study]")];
  const at = links.indexOf(event.target);
  const top = event.target.getBoundingClientRect().top;
  const columns = links.filter((link) => Math.abs(link.getBoundingClientRect().top - top) < 4).length;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -at,
    End: links.length - 1 - at,
  };
  if (event.key === " ") {
    event.preventDefault();
    document.getElementById(`choose-${event.target.dataset["study"]}`)?.click();
    return;
  }
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
}

function Choice(props: { row: StudyRow; rowsProps: RowsProps; className?: string }) {
  const { row } = props;
  const { selected, onSelect } = props.rowsProps;
  if (onSelect === undefined) return null;
  return (
    <input
      id={`choose-${row.studyId}`}
      type="checkbox"
      aria-label={`Choose ${row.caseLabel}`}
      className={`size-4 accent-accent-700 ${props.className ?? ""}`}
      checked={selected.has(row.studyId)}
      onChange={(event) => onSelect([row.studyId], event.target.checked)}
    />
  );
}

function Findings(props: { row: StudyRow }) {
  const { findings } = props.row;
  return (
    <span className="flex gap-1">
      <FindingBadge laterality="R" finding={findings.R} />
      <FindingBadge laterality="L" finding={findings.L} />
    </span>
  );
}

/** What keeps the study from being four standard views of two breasts. */
function ViewState(props: { row: StudyRow }) {
  const { completeness, hasImplant, images, technicalLabels } = props.row;
  return (
    <>
      {completeness === "complete" ? null : (
        <Badge
          tone={completeness === "extra-views" ? "neutral" : "warning"}
          title={`${images.length} images: ${images.map(({ laterality, view }) => `${laterality} ${view}`).join(", ")}`}
        >
          {completenessNames[completeness]}
        </Badge>
      )}
      {hasImplant && !technicalLabels.some((label) => label.startsWith("implant")) ? (
        <Badge>implant</Badge>
      ) : null}
      <TechnicalBadges labels={technicalLabels} />
    </>
  );
}

const Tags = (props: { tags: readonly string[] }) =>
  props.tags.map((tag) => (
    <span key={tag} className="rounded-sm bg-accent-50 px-1.5 py-0.5 text-xs text-accent-800">
      {tag}
    </span>
  ));

export function StudyGallery(props: RowsProps) {
  return (
    <ul
      className="grid grid-cols-[repeat(auto-fill,minmax(14rem,1fr))] gap-3"
      aria-label="Studies"
      onKeyDown={walk}
    >
      {props.rows.map((row) => (
        <li
          key={row.studyId}
          className={`group relative overflow-hidden rounded-lg border bg-white hover:border-accent-500 has-focus-visible:border-accent-600 has-focus-visible:ring-2 has-focus-visible:ring-accent-600 ${
            props.selected.has(row.studyId) ? "border-accent-600 ring-1 ring-accent-600" : "border-slate-200"
          }`}
        >
          <Link
            href={`/studies/${row.studyId}`}
            data-study={row.studyId}
            aria-label={`${row.caseLabel}, ${row.site.name}`}
            className="block focus-visible:outline-none"
          >
            <Thumbnails row={row} />
            <div className="flex flex-col gap-1.5 px-3 py-2.5">
              <div className="flex items-baseline justify-between gap-2">
                <span className="min-w-0 truncate">
                  <Pseudonym>{row.caseLabel}</Pseudonym>
                </span>
                <span className="text-xs whitespace-nowrap text-slate-600">{studyDate(row.studyDate)}</span>
              </div>
              <div className="flex items-center gap-2 text-xs text-slate-600">
                <SiteName site={row.site} />
                <span className="ml-auto whitespace-nowrap">density {row.density ?? "unknown"}</span>
              </div>
              <Findings row={row} />
              <span className="flex flex-wrap gap-1 empty:hidden">
                <ViewState row={row} />
                <Tags tags={row.tags} />
              </span>
            </div>
          </Link>
          <Choice
            row={row}
            rowsProps={props}
            className={`absolute top-2 left-2 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 focus:opacity-100 ${
              props.selected.size > 0 ? "opacity-100" : ""
            }`}
          />
        </li>
      ))}
    </ul>
  );
}

/** Right breast left, as on the light box, and each view of it beside the same view of the left one. */
function Thumbnails(props: { row: StudyRow }) {
  const { images, caseLabel } = props.row;
  return (
    <div className="grid grid-cols-4 gap-px bg-black">
      {(["CC", "MLO"] as const).flatMap((view) =>
        (["R", "L"] as const).map((laterality) => {
          const shown = images.filter((each) => each.laterality === laterality && each.view === view);
          const image = shown[0];
          const name = `${laterality} ${view}`;
          return image === undefined ? (
            <div key={name} className="grid h-28 place-items-center text-[11px] text-zinc-400">
              {name}
            </div>
          ) : (
            <span key={name} className="relative block">
              {/* Authorised by the session's cookie, so the optimiser must not fetch it. */}
              <img
                src={`/api/thumbnails/${image.instanceId}`}
                alt={`${name} of ${caseLabel}`}
                loading="lazy"
                className="h-28 w-full object-contain"
              />
              {shown.length === 1 ? null : (
                <span className="absolute right-1 bottom-1 rounded-sm bg-zinc-800 px-1 text-[11px] text-zinc-100">
                  ×{shown.length}
                </span>
              )}
            </span>
          );
        }),
      )}
    </div>
  );
}

export function StudyTable(props: RowsProps) {
  const { rows, selected, onSelect } = props;
  const ids = rows.map(({ studyId }) => studyId);
  return (
    <Table label="Studies" maxHeight="calc(100vh - 15rem)">
      <thead>
        <tr>
          {onSelect === undefined ? null : (
            <Head className="w-8">
              <input
                type="checkbox"
                aria-label="Choose all on this page"
                className="size-4 align-middle accent-accent-700"
                checked={ids.every((id) => selected.has(id))}
                onChange={(event) => onSelect(ids, event.target.checked)}
              />
            </Head>
          )}
          <Head>Case</Head>
          <Head>Site</Head>
          <Head>Reference standard</Head>
          <Head>Study date</Head>
          <Head isNumeric>Age</Head>
          <Head>Density</Head>
          <Head>Images</Head>
          <Head>Received</Head>
          <Head>Device</Head>
          <Head>Tags</Head>
        </tr>
      </thead>
      <tbody onKeyDown={walk}>
        {rows.map((row) => (
          <Row key={row.studyId} className={selected.has(row.studyId) ? "bg-accent-50" : ""}>
            {onSelect === undefined ? null : (
              <Cell>
                <Choice row={row} rowsProps={props} className="align-middle" />
              </Cell>
            )}
            <Cell className="whitespace-nowrap">
              <Link
                href={`/studies/${row.studyId}`}
                data-study={row.studyId}
                className="text-accent-700 hover:underline"
              >
                <Pseudonym>{row.caseLabel}</Pseudonym>
              </Link>
            </Cell>
            <Cell>
              <SiteName site={row.site} />
            </Cell>
            <Cell>
              <Findings row={row} />
            </Cell>
            <Cell className="whitespace-nowrap">{studyDate(row.studyDate)}</Cell>
            <Cell isNumeric>{row.patientAgeYears ?? "–"}</Cell>
            <Cell>{row.density ?? "unknown"}</Cell>
            <Cell>
              <span className="flex items-center gap-1.5">
                <span className="w-4 text-right">{row.images.length}</span>
                <ViewState row={row} />
              </span>
            </Cell>
            <Cell className="whitespace-nowrap">{new Intl.DateTimeFormat().format(row.receivedAt)}</Cell>
            <Cell className="max-w-48 truncate">{row.device}</Cell>
            <Cell>
              <span className="flex flex-wrap gap-1">
                <Tags tags={row.tags} />
              </span>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
