"use client";

import type { StudyFacet } from "@crossread/contracts/study-browser";
import { useState } from "react";
import { Input } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { siteColour } from "../../components/site-name.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { facetTexts, orderedValues } from "./facet-texts.ts";
import { ReceivedChart } from "./received-chart.tsx";
import type { useStudyUrl } from "./study-url-filter.ts";

type Counts = Outputs["studies"]["facets"];
type Sites = Outputs["sites"]["list"];

const barColours: Readonly<Record<string, string>> = {
  malignant: "var(--color-malignant)",
  benign: "var(--color-benign)",
};
const longTail = 6;

/** Every filter is a chart of the studies that the other filters leave; a click on a bar filters. */
export function FacetPanel(props: {
  counts: Counts;
  sites: Sites;
  studyUrl: ReturnType<typeof useStudyUrl>;
}) {
  const { counts, sites, studyUrl } = props;
  const { url } = studyUrl;
  // In the order of the site list: a bar keeps its place whatever is filtered.
  const shownSites = sites.flatMap((site) => {
    const counted = counts.facets.site.find(({ value }) => value === site.siteId);
    return counted === undefined ? [] : [{ ...site, studyCount: counted.studyCount }];
  });
  return (
    <div className="flex flex-col gap-4">
      {shownSites.length < 2 ? null : (
        <Chart
          title="Site"
          values={shownSites.map((site) => ({
            value: site.code,
            name: site.name,
            studyCount: site.studyCount,
            colour: siteColour(site.colourIndex),
          }))}
          chosen={studyUrl.siteCode === null ? [] : [studyUrl.siteCode]}
          onToggle={(code) => studyUrl.chooseSite(studyUrl.siteCode === code ? undefined : code)}
        />
      )}
      {facetTexts.slice(0, 2).map((text) => (
        <FacetChart key={text.facet} text={text} {...props} />
      ))}
      <ReceivedChart
        values={counts.facets.received}
        chosen={url.facets.received ?? []}
        onToggle={(period) => studyUrl.toggle("received", period)}
      />
      <StudyDates studyUrl={studyUrl} />
      {facetTexts.slice(2).map((text) => (
        <FacetChart key={text.facet} text={text} {...props} />
      ))}
    </div>
  );
}

function StudyDates(props: { studyUrl: ReturnType<typeof useStudyUrl> }) {
  const { url, change } = props.studyUrl;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-semibold text-slate-700">Study date</legend>
      <div className="grid grid-cols-[2rem_minmax(0,1fr)] items-center gap-1 text-xs text-slate-600">
        from
        <Input
          type="date"
          aria-label="Study date from"
          value={url.from ?? ""}
          onChange={(event) => change({ from: event.target.value })}
        />
        to
        <Input
          type="date"
          aria-label="Study date to"
          value={url.to ?? ""}
          onChange={(event) => change({ to: event.target.value })}
        />
      </div>
    </fieldset>
  );
}

function FacetChart(props: {
  text: (typeof facetTexts)[number];
  counts: Counts;
  studyUrl: ReturnType<typeof useStudyUrl>;
}) {
  const { text, counts, studyUrl } = props;
  const chosen: readonly string[] = studyUrl.url.facets[text.facet] ?? [];
  const values = orderedValues(text, counts.facets[text.facet], chosen);
  if (values.length === 0) return null;
  return (
    <Chart
      title={text.title}
      values={values.map(({ value, studyCount }) => ({
        value,
        studyCount,
        name: text.names?.[value] ?? value,
        colour: text.facet === "label" ? barColours[value] : undefined,
      }))}
      chosen={chosen}
      onToggle={(value) => studyUrl.toggle(text.facet satisfies StudyFacet, value)}
    />
  );
}

interface ChartValue {
  readonly value: string;
  readonly name: string;
  readonly studyCount: number;
  readonly colour: string | undefined;
}

/** Bars share one scale; a bar that is not zero is never invisible, and its number stands beside it. */
function Chart(props: {
  title: string;
  values: readonly ChartValue[];
  chosen: readonly string[];
  onToggle: (value: string) => void;
}) {
  const { title, values, chosen, onToggle } = props;
  const [isLong, setLong] = useState(false);
  const largest = Math.max(1, ...values.map(({ studyCount }) => studyCount));
  const shown = values.filter(
    ({ value }, index) =>
      isLong || index < longTail || chosen.includes(value) || values.length === longTail + 1,
  );
  const hidden = values.filter((each) => !shown.includes(each));
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-semibold text-slate-700">{title}</legend>
      <ul className="flex flex-col gap-px">
        {shown.map(({ value, name, studyCount, colour }) => {
          const isChosen = chosen.includes(value);
          return (
            <li key={value}>
              <button
                type="button"
                aria-pressed={isChosen}
                title={`${name}: ${count(studyCount)} ${studyCount === 1 ? "study" : "studies"}`}
                onClick={() => onToggle(value)}
                className={`relative flex h-6 w-full items-center justify-between gap-2 overflow-hidden rounded-sm px-1.5 text-xs ${
                  isChosen
                    ? "bg-accent-100 font-medium text-accent-800 ring-1 ring-accent-600 ring-inset"
                    : "text-slate-700 hover:bg-slate-200/60"
                }`}
              >
                <span
                  aria-hidden
                  className="absolute bottom-0 left-0 h-[3px] rounded-r-sm"
                  style={{
                    width: studyCount === 0 ? 0 : `max(3px, ${(studyCount / largest) * 100}%)`,
                    background: colour ?? "var(--color-slate-400)",
                  }}
                />
                <span className="relative min-w-0 truncate">{name}</span>
                <span className="relative text-slate-600 tabular-nums">{count(studyCount)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {hidden.length === 0 ? null : (
        <button
          type="button"
          onClick={() => setLong(true)}
          className="mt-0.5 px-1.5 text-xs text-accent-700 hover:underline"
        >
          {hidden.length} more with {count(hidden.reduce((sum, { studyCount }) => sum + studyCount, 0))}{" "}
          studies
        </button>
      )}
    </fieldset>
  );
}
