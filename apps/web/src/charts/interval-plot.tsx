import { scaleLinear } from "d3-scale";
import { decimal } from "../components/format.ts";

export interface IntervalRow {
  readonly key: string;
  readonly label: string;
  readonly colour: string;
  readonly caseCount: number;
  /** Or the sentence why it has none. */
  readonly estimate:
    | { readonly value: number; readonly lower: number; readonly upper: number }
    | { readonly undefined: string };
}

const labelWidth = 136;
const plotWidth = 180;
const textWidth = 188;
const rowHeight = 26;
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** One line a row: point, interval, number, n. The axis is always 0 to 1. */
export function IntervalPlot(props: {
  title: string;
  metric: string;
  rows: readonly IntervalRow[];
  reference?: { value: number; label: string };
}) {
  const x = scaleLinear([0, 1], [0, plotWidth]);
  const height = props.rows.length * rowHeight;
  return (
    <svg
      role="img"
      aria-label={props.title}
      viewBox={`0 0 ${labelWidth + plotWidth + textWidth} ${height + 40}`}
      className="h-auto w-full text-[12px]"
      style={{ maxWidth: labelWidth + plotWidth + textWidth }}
    >
      <g transform={`translate(${labelWidth},4)`}>
        {ticks.map((tick) => (
          <g key={tick} transform={`translate(${x(tick)},0)`}>
            <line y2={height} className="stroke-slate-200" />
            <text y={height + 14} textAnchor="middle" className="fill-slate-600 text-[11px]">
              {decimal(tick, 1)}
            </text>
          </g>
        ))}
        <text x={plotWidth / 2} y={height + 30} textAnchor="middle" className="fill-slate-700 text-[11px]">
          {props.metric}
        </text>
        {props.reference === undefined ? null : (
          <g transform={`translate(${x(props.reference.value)},0)`}>
            <line y2={height} className="stroke-slate-500" strokeDasharray="3 3" />
            <title>{props.reference.label}</title>
          </g>
        )}
        {props.rows.map((row, index) => (
          <g key={row.key} transform={`translate(0,${(index + 0.5) * rowHeight})`}>
            <text x={-12} dy="0.32em" textAnchor="end" className="fill-slate-800">
              {row.label.length > 22 ? `${row.label.slice(0, 21)}…` : row.label}
              <title>{row.label}</title>
            </text>
            <IntervalMark row={row} x={x} />
          </g>
        ))}
      </g>
    </svg>
  );
}

function IntervalMark(props: { row: IntervalRow; x: (value: number) => number }) {
  const { row, x } = props;
  const { estimate } = row;
  const textX = plotWidth + 14;
  if ("undefined" in estimate) {
    return (
      <text x={textX} dy="0.32em" className="fill-slate-600">
        undefined, n = {row.caseCount}
        <title>{estimate.undefined}</title>
      </text>
    );
  }
  const { value, lower, upper } = estimate;
  return (
    <>
      <line x1={x(lower)} x2={x(upper)} stroke={row.colour} strokeWidth={2} />
      <line x1={x(lower)} x2={x(lower)} y1={-4} y2={4} stroke={row.colour} strokeWidth={2} />
      <line x1={x(upper)} x2={x(upper)} y1={-4} y2={4} stroke={row.colour} strokeWidth={2} />
      <circle cx={x(value)} r={4.5} fill={row.colour} stroke="white" strokeWidth={1} />
      <text x={textX} dy="0.32em" className="fill-slate-800">
        <tspan fontWeight={600}>{decimal(value, 3)}</tspan>
        <tspan className="fill-slate-600">
          {" "}
          [{decimal(lower, 3)}, {decimal(upper, 3)}] n = {row.caseCount}
        </tspan>
      </text>
    </>
  );
}
