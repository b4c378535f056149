import { scaleLinear } from "d3-scale";
import { count } from "../components/format.ts";

export interface QuantileRow {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
  readonly colour: string;
  readonly count: number;
  readonly p10: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p90: number;
}

const labelWidth = 190;
const plotWidth = 420;
const textWidth = 170;
const rowHeight = 24;

/** A line from the 10th to the 90th percentile, a box from the 25th to the 75th, the median in it. */
export function QuantilePlot(props: {
  title: string;
  xLabel: string;
  rows: readonly QuantileRow[];
  format: (value: number) => string;
}) {
  const x = scaleLinear([0, Math.max(1, ...props.rows.map(({ p90 }) => p90))], [0, plotWidth]).nice();
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
        {x.ticks(6).map((tick) => (
          <g key={tick} transform={`translate(${x(tick)},0)`}>
            <line y2={height} className="stroke-slate-200" />
            <text y={height + 14} textAnchor="middle" className="fill-slate-600 text-[11px]">
              {tick}
            </text>
          </g>
        ))}
        <text x={plotWidth / 2} y={height + 30} textAnchor="middle" className="fill-slate-700 text-[11px]">
          {props.xLabel}
        </text>
        {props.rows.map((row, index) => (
          <g key={row.key} transform={`translate(0,${(index + 0.5) * rowHeight})`}>
            <text x={-12} dy="0.32em" textAnchor="end" className="fill-slate-800">
              {row.label.length > 28 ? `${row.label.slice(0, 27)}…` : row.label}
              <title>{row.label}</title>
            </text>
            <line x1={x(row.p10)} x2={x(row.p90)} stroke={row.colour} strokeWidth={1.5} />
            <rect
              x={x(row.p25)}
              y={-6}
              width={Math.max(1, x(row.p75) - x(row.p25))}
              height={12}
              fill="white"
              stroke={row.colour}
              strokeWidth={1.5}
            />
            <line x1={x(row.median)} x2={x(row.median)} y1={-6} y2={6} stroke={row.colour} strokeWidth={3} />
            <text x={plotWidth + 14} dy="0.32em" className="fill-slate-800">
              <tspan fontWeight={600}>{props.format(row.median)}</tspan>
              <tspan className="fill-slate-600">
                {" "}
                {row.detail} n = {count(row.count)}
              </tspan>
            </text>
          </g>
        ))}
      </g>
    </svg>
  );
}
