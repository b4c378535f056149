"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader, Panel } from "../../components/page-header.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ExportLinks } from "../reader-study-export/export-links.tsx";
import { AgreementSection } from "./reader-study-results-agreement.tsx";
import { ChangesSection } from "./reader-study-results-changes.tsx";
import { ComparisonSections } from "./reader-study-results-comparison.tsx";
import { CurvesSection } from "./reader-study-results-curves.tsx";
import { MapsSection } from "./reader-study-results-maps.tsx";
import { MethodSection } from "./reader-study-results-method.tsx";
import { OverviewSection } from "./reader-study-results-overview.tsx";
import { MapRatingsSection } from "./reader-study-results-ratings.tsx";
import { TimesSection } from "./reader-study-results-times.tsx";
import type { Results } from "./reader-study-results-words.ts";

const pollMs = 2_000;

/** What a closed study shows: readers with and without the aid, their agreement, and the maps against their marks. */
export function ReaderStudyResults(props: { readerStudyId: string }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.readerStudies.results.queryOptions(
      { readerStudyId: props.readerStudyId },
      {
        refetchInterval: ({ state }) =>
          state.data === undefined || state.data.isCurrent || state.data.job?.state === "failed"
            ? false
            : pollMs,
      },
    ),
  );
  return (
    <>
      <BackLink href="/reader-studies">Reader studies</BackLink>
      {query.data === undefined ? <PageHeader title="Results of a reader study" /> : null}
      <QueryView query={query} rows={8}>
        {(results) => <ResultSections results={results} readerStudyId={props.readerStudyId} />}
      </QueryView>
    </>
  );
}

const contents = [
  ["what-was-read", "What was read"],
  ["comparison", "Aided and unaided"],
  ["curves", "ROC"],
  ["changes", "Changes"],
  ["agreement", "Agreement"],
  ["maps", "Maps and marks"],
  ["map-ratings", "Map ratings"],
  ["times", "Reading times"],
  ["method", "Method"],
  ["how-it-was-read", "How it was read"],
] as const;

function ResultSections(props: { results: Results; readerStudyId: string }) {
  const { results } = props;
  const analysis = results.stored?.analysis;
  const nameOf = (reader: number | null): string => {
    if (reader === null) return "All readers";
    const readerId = analysis?.readers[reader]?.readerId ?? "";
    return results.readerNames[readerId] ?? readerId;
  };
  return (
    <>
      <PageHeader
        title={`Results of ${results.name}`}
        lead={`${results.cohortName} · ${results.checkpointName}`}
        actions={<ExportLinks readerStudyId={props.readerStudyId} />}
        showsResults
      />
      <AnalysisState results={results} readerStudyId={props.readerStudyId} />
      {analysis === undefined ? (
        <EmptyState title="No results yet">
          They are computed in the background and appear here by themselves.
        </EmptyState>
      ) : (
        <>
          <nav aria-label="Sections" className="mb-5 flex flex-wrap gap-x-4 gap-y-1 text-sm print:hidden">
            {contents.map(([anchor, label]) => (
              <a key={anchor} href={`#${anchor}`} className="text-accent-800 underline">
                {label}
              </a>
            ))}
          </nav>
          <div id="what-was-read">
            <OverviewSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="comparison">
            <ComparisonSections analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="curves">
            <CurvesSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="changes">
            <ChangesSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="agreement">
            <AgreementSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="maps">
            <MapsSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="map-ratings">
            <MapRatingsSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="times">
            <TimesSection analysis={analysis} nameOf={nameOf} />
          </div>
          <div id="method">
            {results.stored === null ? null : (
              <MethodSection stored={results.stored} readerStudyId={props.readerStudyId} />
            )}
          </div>
        </>
      )}
    </>
  );
}

/** Says what is being computed, and why what is shown may be old. */
function AnalysisState(props: { results: Results; readerStudyId: string }) {
  const { isCurrent, job, stored } = props.results;
  const trpc = useTRPC();
  const client = useQueryClient();
  const again = useMutation(
    trpc.readerStudies.analyse.mutationOptions({
      onSuccess: () =>
        client.invalidateQueries({
          queryKey: trpc.readerStudies.results.queryKey({ readerStudyId: props.readerStudyId }),
        }),
    }),
  );
  if (isCurrent) return null;
  const old =
    stored === null ? "" : " What is shown was computed before readings, labels, marks or maps changed.";
  if (job?.state === "failed") {
    return (
      <div
        role="alert"
        className="mb-5 flex items-center justify-between gap-4 rounded-lg border border-failure/30 bg-failure-soft px-4 py-3"
      >
        <p className="text-sm text-failure-ink">
          {job.message}
          {old}
        </p>
        <Button
          disabled={again.isPending}
          onClick={() => again.mutate({ readerStudyId: props.readerStudyId })}
        >
          Compute again
        </Button>
      </div>
    );
  }
  return (
    <Panel className="mb-5">
      <p className="mb-2 text-sm text-slate-700" role="status">
        {job?.state === "running" && job.message !== ""
          ? `Computing: ${job.message}.`
          : "Waiting to be computed."}
        {old}
      </p>
      <ProgressBar label="Results" value={job?.state === "running" ? job.progress : 0} />
    </Panel>
  );
}
