import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { decimal } from "../components/format.ts";
import { ChartFrame, type PlotArea } from "./chart-frame.tsx";
import { Legend } from "./legend.tsx";

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly lower?: number;
  readonly upper?: number;
}

export interface LineSeries {
  readonly key: string;
  readonly label: string;
  readonly colour: string;
  readonly isDashed?: boolean;
  readonly points: readonly LinePoint[];
}

const area: PlotArea = { widthPx: 460, heightPx: 200 };

/** Lines over whole steps (epochs, rounds), with interval whiskers where a point has one. */
export function LineChart(props: {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly LineSeries[];
  /** Fixed, for quantities that are always shown on the same axis; from 0 to the largest value otherwise. */
  yDomain?: readonly [number, number];
}) {
  const points = props.series.flatMap((series) => series.points);
  const xs = points.map((point) => point.x);
  const first = Math.min(...xs, Number.POSITIVE_INFINITY);
  const last = Math.max(...xs, first + 1);
  const x = scaleLinear([first, last], [10, area.widthPx - 10]);
  const highest = Math.max(...points.map((point) => point.upper ?? point.y), 0.01);
  const y =
    props.yDomain === undefined
      ? scaleLinear([0, highest], [area.heightPx, 0]).nice()
      : scaleLinear(props.yDomain, [area.heightPx, 0]);
  const path = line<LinePoint>(
    (point) => x(point.x),
    (point) => y(point.y),
  );
  const xTicks = x.ticks(8).filter(Number.isInteger);
  return (
    <figure className="flex flex-col gap-2">
      <ChartFrame
        title={props.title}
        area={area}
        x={{ label: props.xLabel, scale: x, ticks: xTicks, format: String }}
        y={{
          label: props.yLabel,
          scale: y,
          ticks: y.ticks(5),
          format: (value) => decimal(value, highest < 1.5 || props.yDomain !== undefined ? 2 : 1),
        }}
      >
        {props.series.map((series, index) => (
          <g key={series.key} transform={`translate(${(index - (props.series.length - 1) / 2) * 3},0)`}>
            <path
              d={path(series.points) ?? ""}
              fill="none"
              stroke={series.colour}
              strokeWidth={1.75}
              strokeDasharray={series.isDashed === true ? "4 3" : undefined}
            />
            {series.points.map((point) => (
              <g key={point.x}>
                {point.lower === undefined || point.upper === undefined ? null : (
                  <line
                    x1={x(point.x)}
                    x2={x(point.x)}
                    y1={y(point.lower)}
                    y2={y(point.upper)}
                    stroke={series.colour}
                    strokeOpacity={0.45}
                    strokeWidth={1.5}
                  />
                )}
                <circle cx={x(point.x)} cy={y(point.y)} r={2.75} fill={series.colour}>
                  <title>{`${series.label}, ${props.xLabel.toLowerCase()} ${point.x}: ${decimal(point.y, 4)}`}</title>
                </circle>
              </g>
            ))}
          </g>
        ))}
      </ChartFrame>
      <figcaption>
        <Legend
          items={props.series.map(({ key, label, colour, isDashed }) => ({
            key,
            label,
            colour,
            ...(isDashed === undefined ? {} : { isDashed }),
          }))}
        />
      </figcaption>
    </figure>
  );
}
