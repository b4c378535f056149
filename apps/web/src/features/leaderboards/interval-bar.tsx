import type { Estimate } from "@crossread/contracts/evaluation-report";

const widthPx = 160;

/** Point and interval on an axis from 0 to 1, small enough for a table row. */
export function IntervalBar(props: { estimate: Estimate; colour: string }) {
  const { estimate, colour } = props;
  if ("undefined" in estimate) return null;
  const x = (value: number) => value * widthPx;
  return (
    <svg width={widthPx} height={16} aria-hidden className="overflow-visible">
      <line x2={widthPx} y1={8} y2={8} className="stroke-slate-200" />
      <line x1={x(0.5)} x2={x(0.5)} y1={4} y2={12} className="stroke-slate-300" />
      <line x1={x(estimate.lower)} x2={x(estimate.upper)} y1={8} y2={8} stroke={colour} strokeWidth={3} />
      <circle cx={x(estimate.value)} cy={8} r={4} fill={colour} stroke="white" />
    </svg>
  );
}
