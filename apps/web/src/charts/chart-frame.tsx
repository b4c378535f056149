import type { ScaleContinuousNumeric } from "d3-scale";
import type { ReactNode } from "react";

type Scale = ScaleContinuousNumeric<number, number>;

export interface Axis {
  readonly label: string;
  readonly scale: Scale;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

const chartMargin = { top: 8, right: 12, bottom: 40, left: 52 } as const;

export interface PlotArea {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Axes with labels and light grid lines; children draw in plot coordinates. */
export function ChartFrame(props: { title: string; area: PlotArea; x: Axis; y: Axis; children: ReactNode }) {
  const { area, x, y } = props;
  const { widthPx: width, heightPx: height } = area;
  return (
    <svg
      role="img"
      aria-label={props.title}
      viewBox={`0 0 ${width + chartMargin.left + chartMargin.right} ${height + chartMargin.top + chartMargin.bottom}`}
      className="h-auto w-full text-[11px]"
      style={{ maxWidth: width + chartMargin.left + chartMargin.right }}
    >
      <g transform={`translate(${chartMargin.left},${chartMargin.top})`}>
        {y.ticks.map((tick) => (
          <g key={tick} transform={`translate(0,${y.scale(tick)})`}>
            <line x2={width} className="stroke-slate-200" />
            <text x={-8} dy="0.32em" textAnchor="end" className="fill-slate-600">
              {y.format(tick)}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <g key={tick} transform={`translate(${x.scale(tick)},0)`}>
            <line y1={height} y2={height + 4} className="stroke-slate-400" />
            <text y={height + 16} textAnchor="middle" className="fill-slate-600">
              {x.format(tick)}
            </text>
          </g>
        ))}
        <line y1={height} y2={height} x2={width} className="stroke-slate-400" />
        <text x={width / 2} y={height + 34} textAnchor="middle" className="fill-slate-700">
          {x.label}
        </text>
        <text
          transform={`translate(-40,${height / 2}) rotate(-90)`}
          textAnchor="middle"
          className="fill-slate-700"
        >
          {y.label}
        </text>
        {props.children}
      </g>
    </svg>
  );
}
