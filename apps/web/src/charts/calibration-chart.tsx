import { scaleLinear, scaleSqrt } from "d3-scale";
import { decimal } from "../components/format.ts";
import { ChartFrame } from "./chart-frame.tsx";

interface Bin {
  readonly count: number;
  readonly meanScore: number;
  readonly observedRate: number;
}

const area = { widthPx: 320, heightPx: 320 };
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Observed share of malignant breasts against the mean score of each bin; a dot's area is its count. */
export function CalibrationChart(props: { title: string; bins: readonly Bin[] }) {
  const x = scaleLinear([0, 1], [0, area.widthPx]);
  const y = scaleLinear([0, 1], [area.heightPx, 0]);
  const filled = props.bins.filter((bin) => bin.count > 0);
  const radius = scaleSqrt([0, Math.max(...filled.map((bin) => bin.count), 1)], [0, 11]);
  const total = filled.reduce((sum, bin) => sum + bin.count, 0);
  const format = (value: number) => decimal(value, 1);
  return (
    <figure>
      <ChartFrame
        title={props.title}
        area={area}
        x={{ label: "Mean score of the bin", scale: x, ticks, format }}
        y={{ label: "Observed share malignant", scale: y, ticks, format }}
      >
        <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className="stroke-slate-400" strokeDasharray="3 3" />
        {filled.map((bin) => (
          <circle
            key={bin.meanScore}
            cx={x(bin.meanScore)}
            cy={y(bin.observedRate)}
            r={radius(bin.count)}
            className="fill-accent-600/60 stroke-accent-800"
          >
            <title>{`${bin.count} cases, mean score ${decimal(bin.meanScore, 2)}, ${decimal(100 * bin.observedRate, 0)} % malignant`}</title>
          </circle>
        ))}
      </ChartFrame>
      <figcaption className="mt-2 text-xs text-slate-600">
        n = {total}. A dot's area is the number of cases in its bin. Dashed: perfect calibration.
      </figcaption>
    </figure>
  );
}
