"use client";

import type { ReportMetricName } from "@crossread/contracts/evaluation-report";
import { LineChart, type LinePoint } from "../../charts/line-chart.tsx";
import type { MetricRow } from "../../server/metric-row.ts";
import { levelLabels, metricLabels } from "./metric-name.ts";
import { useSites } from "./use-sites.ts";

/** One metric of the checkpoints of one run, a line per site, with intervals. */
export function RoundsChart(props: { metric: ReportMetricName; rows: readonly MetricRow[] }) {
  const sites = useSites();
  const siteIds = [...new Set(sites.sorted(props.rows).map((row) => row.siteId))];
  const level = props.rows[0]?.level ?? "breast";
  return (
    <LineChart
      title={`${metricLabels[props.metric]} over rounds`}
      xLabel="Round"
      yLabel={`${metricLabels[props.metric]}, ${levelLabels[level]}`}
      yDomain={[0, 1]}
      series={siteIds.map((siteId) => ({
        key: siteId ?? "pooled",
        label: sites.nameOf(siteId),
        colour: sites.colourOf(siteId),
        isDashed: siteId === null,
        points: props.rows
          .filter((row) => row.siteId === siteId)
          .toSorted((a, b) => a.roundNumber - b.roundNumber)
          .flatMap((row): LinePoint[] => {
            const estimate = row.metrics[props.metric];
            return "value" in estimate
              ? [{ x: row.roundNumber, y: estimate.value, lower: estimate.lower, upper: estimate.upper }]
              : [];
          }),
      }))}
    />
  );
}
