"use client";

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import Link from "next/link";
import { BackLink } from "../../components/back-link.tsx";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { bytes, dateTime } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { MetricTable } from "../metrics/metric-table.tsx";
import { RoundsChart } from "../metrics/rounds-chart.tsx";
import { splitLabels } from "../metrics/metric-name.ts";
import { LineageChain } from "./lineage-chain.tsx";
import { ManifestPanel } from "./manifest-panel.tsx";

export type Checkpoint = Outputs["models"]["load"];

export function CheckpointView(props: { checkpointId: string }) {
  const query = useQuery(useTRPC().models.load.queryOptions({ checkpointId: props.checkpointId }));
  return (
    <QueryView query={query} rows={8}>
      {(checkpoint) => (
        <>
          <PageHeader
            title={checkpoint.name}
            showsResults
            back={<BackLink href="/models">Models</BackLink>}
            lead={
              <>
                Round {checkpoint.roundNumber}
                {checkpoint.runId === null ? null : (
                  <>
                    {" of "}
                    <Link className="text-accent-700 underline" href={`/training/${checkpoint.runId}`}>
                      {checkpoint.runName}
                    </Link>
                  </>
                )}
                , made {dateTime(checkpoint.createdAt)}
              </>
            }
            actions={
              <a
                href={`/api/checkpoints/${checkpoint.checkpointId}/weights`}
                download
                className={buttonLook("secondary")}
              >
                <Download size={14} aria-hidden />
                Weights, safetensors
                {checkpoint.manifest === null ? "" : `, ${bytes(checkpoint.manifest.weights.sizeBytes)}`}
              </a>
            }
          />
          <CrossSite checkpoint={checkpoint} />
          <OverRounds checkpoint={checkpoint} />
          <Section title="Where it comes from" lead="Parents to the left, children to the right.">
            <LineageChain checkpoint={checkpoint} />
          </Section>
          <ManifestPanel checkpoint={checkpoint} />
        </>
      )}
    </QueryView>
  );
}

function CrossSite(props: { checkpoint: Checkpoint }) {
  const { evaluations } = props.checkpoint;
  const groups = new Map<string, typeof evaluations>();
  for (const row of evaluations) {
    const title = `${row.cohortName}, ${splitLabels[row.split].toLowerCase()}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  if (evaluations.length === 0) {
    return (
      <Section title="At every site">
        <EmptyState title="Not evaluated yet" />
      </Section>
    );
  }
  return [...groups].map(([title, rows]) => (
    <Section key={title} title={`At every site: ${title}`}>
      <MetricTable label={`Metrics per site, ${title}`} rows={rows} />
    </Section>
  ));
}

function OverRounds(props: { checkpoint: Checkpoint }) {
  const { overRounds, evaluations } = props.checkpoint;
  const own = evaluations.find((row) => row.siteId === null && row.split !== "tuning") ?? evaluations[0];
  const rows = overRounds.filter((row) => row.cohortId === own?.cohortId && row.split === own.split);
  if (new Set(rows.map((row) => row.roundNumber)).size < 2) return null;
  return (
    <Section
      title="Over the rounds of its run"
      lead="Bars are 95 % intervals; sites are drawn a little apart so that they do not hide each other."
    >
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <Panel>
          <RoundsChart metric="auc" rows={rows} />
        </Panel>
        <Panel>
          <RoundsChart metric="dip" rows={rows} />
        </Panel>
      </div>
    </Section>
  );
}
