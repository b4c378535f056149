"use client";

import type { EvaluationReport } from "@crossread/contracts/evaluation-report";
import Link from "next/link";
import { Badge } from "../../components/badge.tsx";
import { decimal } from "../../components/format.ts";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { MetricRow } from "../../server/metric-row.ts";
import { EstimateCell } from "../metrics/estimate-cell.tsx";
import { IntervalBar } from "./interval-bar.tsx";

export interface BoardRow {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly href: string | null;
  readonly colour: string;
  readonly metricRow: MetricRow;
}

interface Ranked {
  readonly id: string;
  readonly rank: number;
  readonly rankLower: number;
  readonly rankUpper: number;
  readonly tieGroup: number;
}

const baselineNames = {
  "all-malignant": "Calls everything malignant",
  "all-benign": "Calls everything benign",
};

export function BoardTable(props: {
  label: string;
  nameLabel: string;
  rows: readonly BoardRow[];
  ranked: readonly Ranked[];
  unranked: readonly { readonly id: string; readonly reason: string }[];
  baselines: EvaluationReport["baselines"];
}) {
  const rowOf = (id: string) => props.rows.find((row) => row.id === id);
  return (
    <Table label={props.label}>
      <thead>
        <tr>
          <Head isNumeric>Rank</Head>
          <Head isNumeric>95 %</Head>
          <Head>Group</Head>
          <Head>{props.nameLabel}</Head>
          <Head>DIP, 0 to 1</Head>
          <Head isNumeric>DIP</Head>
          <Head isNumeric>Precision</Head>
          <Head isNumeric>Sensitivity</Head>
          <Head isNumeric>AUC</Head>
          <Head isNumeric>n</Head>
        </tr>
      </thead>
      <tbody>
        {props.ranked.map((ranked) => {
          const row = rowOf(ranked.id);
          return row === undefined ? null : (
            <Row key={ranked.id}>
              <Cell isNumeric className="font-semibold">
                {ranked.rank}
              </Cell>
              <Cell isNumeric className="text-slate-600">
                {ranked.rankLower}–{ranked.rankUpper}
              </Cell>
              <Cell>
                <Badge tone={ranked.tieGroup === 1 ? "active" : "neutral"}>
                  {String.fromCodePoint(64 + Math.min(26, ranked.tieGroup))}
                </Badge>
              </Cell>
              <ResultCells row={row} />
            </Row>
          );
        })}
        {props.unranked.map(({ id, reason }) => {
          const row = rowOf(id);
          return row === undefined ? null : (
            <Row key={id} className="text-slate-600">
              <Cell isNumeric colSpan={3}>
                <span className="text-xs" title={reason}>
                  not ranked
                </span>
              </Cell>
              <ResultCells row={row} reason={reason} />
            </Row>
          );
        })}
        {props.baselines.map((baseline) => (
          <Row key={baseline.name} className="bg-slate-50 text-slate-600">
            <Cell colSpan={3} className="text-right text-xs">
              baseline
            </Cell>
            <Cell>{baselineNames[baseline.name]}</Cell>
            <Cell />
            <PointCell point={baseline.metrics.dip} />
            <PointCell point={baseline.metrics.precision} />
            <PointCell point={baseline.metrics.sensitivity} />
            <PointCell point={baseline.auc} />
            <Cell />
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function ResultCells(props: { row: BoardRow; reason?: string }) {
  const { row } = props;
  const { metrics, caseCount, malignantCount } = row.metricRow;
  return (
    <>
      <Cell>
        {row.href === null ? (
          <span className="inline-flex items-center gap-2">
            <span aria-hidden className="size-2.5 rounded-full" style={{ background: row.colour }} />
            {row.name}
          </span>
        ) : (
          <Link href={row.href} className="font-medium text-accent-700 hover:underline">
            {row.name}
          </Link>
        )}
        <span className="block text-xs text-slate-600">{props.reason ?? row.detail}</span>
      </Cell>
      <Cell>
        <IntervalBar estimate={metrics.dip} colour={row.colour} />
      </Cell>
      <Cell isNumeric>
        <EstimateCell estimate={metrics.dip} />
      </Cell>
      <Cell isNumeric>
        <EstimateCell estimate={metrics.precision} />
      </Cell>
      <Cell isNumeric>
        <EstimateCell estimate={metrics.sensitivity} />
      </Cell>
      <Cell isNumeric>
        <EstimateCell estimate={metrics.auc} />
      </Cell>
      <Cell isNumeric>
        <span title={`${malignantCount} malignant`}>{caseCount}</span>
      </Cell>
    </>
  );
}

function PointCell(props: { point: { readonly value: number } | { readonly undefined: string } }) {
  return (
    <Cell isNumeric>
      {"value" in props.point ? decimal(props.point.value, 3) : <span title={props.point.undefined}>–</span>}
    </Cell>
  );
}
