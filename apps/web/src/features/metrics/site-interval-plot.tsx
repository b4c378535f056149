"use client";

import type { ReportMetricName } from "@crossread/contracts/evaluation-report";
import { IntervalPlot } from "../../charts/interval-plot.tsx";
import type { MetricRow } from "../../server/metric-row.ts";
import { levelLabels, metricLabels } from "./metric-name.ts";
import { useSites } from "./use-sites.ts";

/** One metric at every site, pooled on top. */
export function SiteIntervalPlot(props: { metric: ReportMetricName; rows: readonly MetricRow[] }) {
  const sites = useSites();
  const level = props.rows[0]?.level ?? "breast";
  const label = metricLabels[props.metric];
  return (
    <IntervalPlot
      title={`${label} per site with 95 % interval`}
      metric={`${label}, ${levelLabels[level]}, 95 % interval`}
      rows={sites.sorted(props.rows).map((row) => ({
        key: row.evaluationId,
        label: sites.nameOf(row.siteId),
        colour: sites.colourOf(row.siteId),
        caseCount: row.caseCount,
        estimate: row.metrics[props.metric],
      }))}
      {...(props.metric === "auc" ? { reference: { value: 0.5, label: "Chance" } } : {})}
    />
  );
}
