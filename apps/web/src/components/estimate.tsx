import { decimal } from "./format.ts";

export interface EstimateValue {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** A value and its 95 % interval on one line. */
export function Estimate(props: { estimate: EstimateValue; digits?: number }) {
  const { value, lower, upper } = props.estimate;
  const digits = props.digits ?? 3;
  return (
    <span className="whitespace-nowrap">
      <span className="font-medium">{decimal(value, digits)}</span>{" "}
      <span className="text-slate-500">
        [{decimal(lower, digits)}, {decimal(upper, digits)}]
      </span>
    </span>
  );
}

export function Stat(props: { label: string; value: string; detail?: string }) {
  return (
    <div className="flex flex-col gap-0.5">
      <dt className="text-xs text-slate-600">{props.label}</dt>
      <dd className="text-lg leading-6 font-semibold">{props.value}</dd>
      {props.detail === undefined ? null : <dd className="text-xs text-slate-500">{props.detail}</dd>}
    </div>
  );
}
