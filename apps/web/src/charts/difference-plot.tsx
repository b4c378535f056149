import { scaleLinear } from "d3-scale";
import { decimal } from "../components/format.ts";

export interface DifferenceRow {
  readonly key: string;
  readonly label: string;
  /** Drawn as a diamond below a line: what the rows above come to. */
  readonly isPooled: boolean;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

const labelWidth = 136;
const plotWidth = 260;
const textWidth = 176;
const rowHeight = 26;

const signed = (value: number) => `${value > 0 ? "+" : ""}${decimal(value, 3)}`;

/** Forest plot of differences: 0 in the middle, the axis as wide as the widest interval. */
export function DifferencePlot(props: {
  title: string;
  lowerLabel: string;
  upperLabel: string;
  rows: readonly DifferenceRow[];
}) {
  const reach = Math.max(
    0.01,
    ...props.rows.flatMap(({ lower, upper }) => [Math.abs(lower), Math.abs(upper)]),
  );
  const x = scaleLinear([-reach, reach], [0, plotWidth]).nice();
  const ticks = x.ticks(4);
  const [first = 0, second = 1] = ticks;
  const digits = second - first < 0.0099 ? 3 : 2;
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
            <line y2={height} className={tick === 0 ? "stroke-slate-500" : "stroke-slate-200"} />
            <text y={height + 14} textAnchor="middle" className="fill-slate-600 text-[11px]">
              {decimal(tick, digits)}
            </text>
          </g>
        ))}
        <text x={0} y={height + 30} className="fill-slate-700 text-[11px]">
          ← {props.lowerLabel}
        </text>
        <text x={plotWidth} y={height + 30} textAnchor="end" className="fill-slate-700 text-[11px]">
          {props.upperLabel} →
        </text>
        {props.rows.map((row, index) => (
          <g key={row.key} transform={`translate(0,${(index + 0.5) * rowHeight})`}>
            <text
              x={-12}
              dy="0.32em"
              textAnchor="end"
              className="fill-slate-800"
              fontWeight={row.isPooled ? 600 : 400}
            >
              {row.label.length > 22 ? `${row.label.slice(0, 21)}…` : row.label}
              <title>{row.label}</title>
            </text>
            <DifferenceMark row={row} x={x} />
          </g>
        ))}
      </g>
    </svg>
  );
}

function DifferenceMark(props: { row: DifferenceRow; x: (value: number) => number }) {
  const { row, x } = props;
  const [low, centre, high] = [x(row.lower), x(row.value), x(row.upper)];
  return (
    <>
      {row.isPooled ? (
        <polygon points={`${low},0 ${centre},-7 ${high},0 ${centre},7`} className="fill-slate-800" />
      ) : (
        <>
          <line x1={low} x2={high} className="stroke-slate-700" strokeWidth={2} />
          <rect x={centre - 4} y={-4} width={8} height={8} className="fill-slate-700" />
        </>
      )}
      <text x={plotWidth + 14} dy="0.32em" className="fill-slate-800">
        <tspan fontWeight={600}>{signed(row.value)}</tspan>
        {row.lower === row.upper ? null : ` [${signed(row.lower)}, ${signed(row.upper)}]`}
      </text>
    </>
  );
}
