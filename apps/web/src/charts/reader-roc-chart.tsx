import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { decimal } from "../components/format.ts";
import { ChartFrame } from "./chart-frame.tsx";

interface Point {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

export interface ReaderRocSeries {
  readonly key: string;
  readonly label: string;
  readonly colour: string;
  readonly isDashed: boolean;
  readonly points: readonly Point[];
  /** Where decisions lie: a reader's calls for recall, the model's operating point. */
  readonly decision: Point | null;
  readonly decisionShape: "circle" | "square" | "diamond";
}

const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
const format = (value: number) => decimal(value, 1);

/** Empirical curves with the points at which was decided. */
export function ReaderRocChart(props: { title: string; series: readonly ReaderRocSeries[]; sizePx: number }) {
  const { sizePx } = props;
  const x = scaleLinear([0, 1], [0, sizePx]);
  const y = scaleLinear([0, 1], [sizePx, 0]);
  const path = line<Point>(
    (point) => x(point.falsePositiveRate),
    (point) => y(point.truePositiveRate),
  );
  return (
    <ChartFrame
      title={props.title}
      area={{ widthPx: sizePx, heightPx: sizePx }}
      x={{ label: "1 − specificity", scale: x, ticks, format }}
      y={{ label: "Sensitivity", scale: y, ticks, format }}
    >
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className="stroke-slate-300" />
      {props.series.map((series) => (
        <path
          key={series.key}
          d={path(series.points) ?? ""}
          fill="none"
          stroke={series.colour}
          strokeWidth={1.75}
          strokeDasharray={series.isDashed ? "5 3" : undefined}
        />
      ))}
      {props.series.map(({ colour, decision, decisionShape, key, label }) =>
        decision === null ? null : (
          <g
            key={key}
            transform={`translate(${x(decision.falsePositiveRate)},${y(decision.truePositiveRate)})`}
            fill={colour}
            stroke="white"
            strokeWidth={1.25}
          >
            <title>
              {`${label}: sensitivity ${decimal(decision.truePositiveRate, 3)}, specificity ${decimal(1 - decision.falsePositiveRate, 3)}`}
            </title>
            {decisionShape === "circle" ? <circle r={4.5} /> : null}
            {decisionShape === "square" ? <rect x={-4} y={-4} width={8} height={8} /> : null}
            {decisionShape === "diamond" ? <polygon points="0,-6 6,0 0,6 -6,0" /> : null}
          </g>
        ),
      )}
    </ChartFrame>
  );
}
