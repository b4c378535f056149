"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { BackLink } from "../../components/back-link.tsx";
import { Badge } from "../../components/badge.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Stat } from "../../components/estimate.tsx";
import { count } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { EstimateCell } from "../metrics/estimate-cell.tsx";
import { splitLabels } from "../metrics/metric-name.ts";
import { RoundsChart } from "../metrics/rounds-chart.tsx";
import { WorkerTable } from "../admin/worker-table.tsx";
import { ConnectionsSection } from "./connections-section.tsx";
import { PixelRulesSection } from "./pixel-rules-section.tsx";

type Site = Outputs["sites"]["load"];

export function SiteView(props: { siteId: string }) {
  const query = useQuery(useTRPC().sites.load.queryOptions(props, { refetchInterval: 15_000 }));
  return (
    <QueryView query={query} rows={8}>
      {(site) => (
        <>
          <PageHeader
            title={site.name}
            showsResults
            back={<BackLink href="/sites">Sites</BackLink>}
            lead={`Code ${site.code}, acquisition ${site.acquisition}`}
          />
          <Panel className="mb-6">
            <dl className="flex flex-wrap gap-x-10 gap-y-3">
              <Stat label="Patients" value={count(site.subjectCount)} />
              <Stat label="Cases" value={count(site.caseCount)} />
              <Stat label="Images" value={count(site.instanceCount)} />
              <Stat label="Refused files, open" value={count(site.openRefusedFileCount)} />
            </dl>
          </Panel>
          <OverRounds site={site} />
          <Section title="Worker" lead="Who serves this site's own queue, and when it was last heard of.">
            <WorkerTable workers={site.workers} emptyTitle="No worker has served this site yet" />
          </Section>
          <ConnectionsSection siteId={site.siteId} />
          <PixelRulesSection siteId={site.siteId} />
          <Members site={site} />
        </>
      )}
    </QueryView>
  );
}

function OverRounds(props: { site: Site }) {
  const { evaluations } = props.site;
  const [newest] = evaluations;
  if (newest === undefined) {
    return (
      <Section title="How are we doing?">
        <EmptyState title="No checkpoint has been evaluated at this site yet" />
      </Section>
    );
  }
  const rows = evaluations.filter(
    (row) => row.runId === newest.runId && row.cohortId === newest.cohortId && row.split === newest.split,
  );
  const isSeries = new Set(rows.map((row) => row.roundNumber)).size > 1;
  return (
    <Section
      title="How are we doing?"
      lead={`${newest.runName ?? newest.checkpointName} on ${newest.cohortName}, ${splitLabels[newest.split].toLowerCase()} split of this site.`}
    >
      {isSeries ? (
        <div className="mb-4 grid grid-cols-1 gap-4 xl:grid-cols-2">
          <Panel>
            <RoundsChart metric="auc" rows={rows} />
          </Panel>
          <Panel>
            <RoundsChart metric="dip" rows={rows} />
          </Panel>
        </div>
      ) : null}
      <Table label="Checkpoints at this site" maxHeight="40vh">
        <thead>
          <tr>
            <Head>Checkpoint</Head>
            <Head isNumeric>n</Head>
            <Head isNumeric>AUC</Head>
            <Head isNumeric>DIP</Head>
            <Head isNumeric>Sensitivity</Head>
            <Head isNumeric>Specificity</Head>
          </tr>
        </thead>
        <tbody>
          {rows
            .toSorted((a, b) => b.roundNumber - a.roundNumber)
            .map((row) => (
              <Row key={row.evaluationId}>
                <Cell>
                  <Link
                    href={`/models/${row.checkpointId}`}
                    className="font-medium text-accent-700 hover:underline"
                  >
                    {row.checkpointName}
                  </Link>
                </Cell>
                <Cell isNumeric>{row.caseCount}</Cell>
                <Cell isNumeric>
                  <EstimateCell estimate={row.metrics.auc} />
                </Cell>
                <Cell isNumeric>
                  <EstimateCell estimate={row.metrics.dip} />
                </Cell>
                <Cell isNumeric>
                  <EstimateCell estimate={row.metrics.sensitivity} />
                </Cell>
                <Cell isNumeric>
                  <EstimateCell estimate={row.metrics.specificity} />
                </Cell>
              </Row>
            ))}
        </tbody>
      </Table>
    </Section>
  );
}

function Members(props: { site: Site }) {
  return (
    <Section title="Members">
      {props.site.members.length === 0 ? (
        <EmptyState title="Nobody has a role at this site" />
      ) : (
        <Table label="Members of the site">
          <thead>
            <tr>
              <Head>Name</Head>
              <Head>Role</Head>
              <Head>State</Head>
            </tr>
          </thead>
          <tbody>
            {props.site.members.map((member) => (
              <Row key={`${member.userId} ${member.role}`}>
                <Cell>{member.name}</Cell>
                <Cell>{member.role}</Cell>
                <Cell>
                  {member.isDisabled ? <Badge tone="warning">disabled</Badge> : <Badge>active</Badge>}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}
