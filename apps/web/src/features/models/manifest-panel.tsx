"use client";

import type { ReactNode } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, decimal, shortHash } from "../../components/format.ts";
import { Panel, Section } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useSites } from "../metrics/use-sites.ts";
import type { Checkpoint } from "./checkpoint-view.tsx";

export function ManifestPanel(props: { checkpoint: Checkpoint }) {
  const { manifest, parameterCount } = props.checkpoint;
  if (manifest === null || parameterCount === null) {
    return (
      <Section title="Manifest">
        <EmptyState title="This manifest was written by another version and cannot be shown" />
      </Section>
    );
  }
  const { config, lineage } = manifest;
  return (
    <Section title="Manifest" lead="Everything that is needed to make these weights again.">
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
        <Panel>
          <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5 text-sm">
            <Fact label="Network">
              {config.architecture}, {config.imageSize} × {config.imageSize} px, {count(parameterCount)}{" "}
              trainable numbers
            </Fact>
            <Fact label="Attention">
              {config.attention === "cbam"
                ? `CBAM, reduction ${config.cbamReduction}, ${config.spatialKernel} × ${config.spatialKernel} spatial kernel`
                : "none"}
            </Fact>
            <Fact label="Head">
              {config.headVariant === "gap" ? "pooling" : `1 × 1 convolution to ${config.headChannels}`}
            </Fact>
            <Fact label="Classes">{manifest.classNames.join(", ")}</Fact>
            <Fact label="Origin">{lineage.origin}</Fact>
            <Fact label="Strategy">
              {lineage.strategy === null ? "none" : describeStrategy(lineage.strategy)}
            </Fact>
            <Fact label="Seed">{lineage.seed ?? "none"}</Fact>
            <Fact label="Code">
              <Pseudonym>{lineage.codeVersion}</Pseudonym>
            </Fact>
            <Fact label="Weights sha256">
              <span className="break-all">
                <Pseudonym>{manifest.weights.sha256}</Pseudonym>
              </span>
            </Fact>
            {lineage.cohortDigests.map((digest) => (
              <Fact key={digest} label="Learned from cohort">
                <span className="break-all">
                  <Pseudonym>{digest}</Pseudonym>
                </span>
              </Fact>
            ))}
          </dl>
        </Panel>
        <Contributions updates={lineage.updates} />
      </div>
    </Section>
  );
}

function Fact(props: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-slate-600">{props.label}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

function describeStrategy(strategy: { name: string; parameters: Readonly<Record<string, number>> }): string {
  const parameters = Object.entries(strategy.parameters).map(([name, value]) => `${name} ${value}`);
  return [strategy.name, ...parameters].join(", ");
}

function Contributions(props: { updates: NonNullable<Checkpoint["manifest"]>["lineage"]["updates"] }) {
  const { sites } = useSites();
  const { updates } = props;
  if (updates.length === 0) return null;
  const nameOf = (site: string) =>
    sites.find(({ siteId, code }) => siteId === site || code === site)?.name ?? site;
  return (
    <Table label="Updates that were merged">
      <thead>
        <tr>
          <Head>Update of</Head>
          <Head isNumeric>Examples</Head>
          <Head isNumeric>Norm of step</Head>
          <Head isNumeric>Cosine to mean</Head>
          <Head>sha256</Head>
        </tr>
      </thead>
      <tbody>
        {updates.map((update) => (
          <Row key={update.sha256}>
            <Cell>
              {nameOf(update.siteId)}
              {update.refusedCode === undefined ? null : (
                <span className="block text-xs text-failure-ink">left out: {update.refusedCode}</span>
              )}
            </Cell>
            <Cell isNumeric>{count(update.exampleCount)}</Cell>
            <Cell isNumeric>{update.norm === undefined ? "–" : decimal(update.norm, 4)}</Cell>
            <Cell isNumeric>{update.cosineToMean === undefined ? "–" : decimal(update.cosineToMean, 3)}</Cell>
            <Cell>
              <Pseudonym title={update.sha256}>{shortHash(update.sha256)}</Pseudonym>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
