import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { decimal } from "../components/format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { Legend } from "./legend.tsx";

export interface RocSeries {
  readonly key: string;
  readonly label: string;
  readonly colour: string;
  readonly malignantCount: number;
  readonly benignCount: number;
  readonly points: readonly { readonly falsePositiveRate: number; readonly truePositiveRate: number }[];
  /** Where the threshold fixed beforehand lies on the curve. */
  readonly operatingPoint: { readonly falsePositiveRate: number; readonly truePositiveRate: number } | null;
}

const area = { widthPx: 320, heightPx: 320 };
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

export function RocChart(props: { title: string; series: readonly RocSeries[] }) {
  const x = scaleLinear([0, 1], [0, area.widthPx]);
  const y = scaleLinear([0, 1], [area.heightPx, 0]);
  const path = line<{ falsePositiveRate: number; truePositiveRate: number }>(
    (point) => x(point.falsePositiveRate),
    (point) => y(point.truePositiveRate),
  );
  const format = (value: number) => decimal(value, 1);
  return (
    <figure className="flex flex-col gap-2">
      <ChartFrame
        title={props.title}
        area={area}
        x={{ label: "1 − specificity", scale: x, ticks, format }}
        y={{ label: "Sensitivity", scale: y, ticks, format }}
      >
        <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className="stroke-slate-400" strokeDasharray="3 3" />
        {props.series.map((series) => (
          <g key={series.key}>
            <path d={path(series.points) ?? ""} fill="none" stroke={series.colour} strokeWidth={1.75} />
            {series.operatingPoint === null ? null : (
              <circle
                cx={x(series.operatingPoint.falsePositiveRate)}
                cy={y(series.operatingPoint.truePositiveRate)}
                r={4}
                fill={series.colour}
                stroke="white"
                strokeWidth={1.5}
              />
            )}
          </g>
        ))}
      </ChartFrame>
      <figcaption>
        <Legend
          items={props.series.map((series) => ({
            ...series,
            detail: `${series.malignantCount} malignant, ${series.benignCount} benign`,
          }))}
        />
        <p className="mt-1 text-xs text-slate-600">Dots: the operating point. Dashed: chance.</p>
      </figcaption>
    </figure>
  );
}
