import { scaleLinear, scaleSqrt } from "d3-scale";
import { count } from "../components/format.ts";
import { ChartFrame } from "./chart-frame.tsx";

const sizePx = 280;
const ticks = [0, 20, 40, 60, 80, 100];

/** Counts of pairs of values from 0 to 100 in bins of ten: a dot's area is its count, the diagonal is no change. */
export function BubbleGrid(props: {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Shape [bins of x][bins of y]. */
  grid: readonly (readonly number[])[];
  colour: string;
}) {
  const x = scaleLinear([0, 100], [0, sizePx]);
  const y = scaleLinear([0, 100], [sizePx, 0]);
  const radius = scaleSqrt([0, Math.max(1, ...props.grid.flat())], [0, 13]);
  const step = 100 / props.grid.length;
  return (
    <ChartFrame
      title={props.title}
      area={{ widthPx: sizePx, heightPx: sizePx }}
      x={{ label: props.xLabel, scale: x, ticks, format: String }}
      y={{ label: props.yLabel, scale: y, ticks, format: String }}
    >
      <line x1={x(0)} y1={y(0)} x2={x(100)} y2={y(100)} className="stroke-slate-400" strokeDasharray="3 3" />
      {props.grid.flatMap((row, left) =>
        row.map((cell, right) =>
          cell === 0 ? null : (
            <circle
              key={`${left} ${right}`}
              cx={x((left + 0.5) * step)}
              cy={y((right + 0.5) * step)}
              r={Math.max(1.5, radius(cell))}
              fill={props.colour}
              fillOpacity={0.65}
              stroke={props.colour}
            >
              <title>
                {`${props.xLabel} ${left * step}–${(left + 1) * step}, ${props.yLabel} ${right * step}–${(right + 1) * step}: ${count(cell)}`}
              </title>
            </circle>
          ),
        ),
      )}
    </ChartFrame>
  );
}
