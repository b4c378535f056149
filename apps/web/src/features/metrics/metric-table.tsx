"use client";

import type { ReportMetricName } from "@crossread/contracts/evaluation-report";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { SiteName } from "../../components/site-name.tsx";
import type { MetricRow } from "../../server/metric-row.ts";
import { EstimateCell } from "./estimate-cell.tsx";
import { metricLabels, splitLabels, unitLabels } from "./metric-name.ts";
import { useSites } from "./use-sites.ts";

const shown: readonly ReportMetricName[] = ["auc", "dip", "sensitivity", "specificity", "precision", "f1"];

/** Sites down, metrics across; every number with its interval and the n it is made of. */
export function MetricTable(props: { label: string; rows: readonly MetricRow[]; showsSplit?: boolean }) {
  const sites = useSites();
  return (
    <Table label={props.label}>
      <thead>
        <tr>
          <Head>Site</Head>
          {props.showsSplit === true ? <Head>Split</Head> : null}
          <Head isNumeric>{unitLabels[props.rows[0]?.level ?? "breast"]}</Head>
          <Head isNumeric>Malignant</Head>
          {shown.map((metric) => (
            <Head key={metric} isNumeric>
              {metricLabels[metric]}
            </Head>
          ))}
        </tr>
      </thead>
      <tbody>
        {sites.sorted(props.rows).map((row) => {
          const site = row.siteId === null ? undefined : sites.find(row.siteId);
          return (
            <Row key={row.evaluationId}>
              <Cell className={row.siteId === null ? "font-medium" : ""}>
                {site === undefined ? sites.nameOf(row.siteId) : <SiteName site={site} />}
              </Cell>
              {props.showsSplit === true ? <Cell>{splitLabels[row.split]}</Cell> : null}
              <Cell isNumeric>{row.caseCount}</Cell>
              <Cell isNumeric>{row.malignantCount}</Cell>
              {shown.map((metric) => (
                <Cell key={metric} isNumeric>
                  <EstimateCell estimate={row.metrics[metric]} />
                </Cell>
              ))}
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}
