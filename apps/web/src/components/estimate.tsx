import { decimal } from "./format.ts";

export interface EstimateValue {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** A value with its 95 % interval under it, so that many fit side by side. */
export function Estimate(props: { estimate: EstimateValue; digits?: number }) {
  const { value, lower, upper } = props.estimate;
  const digits = props.digits ?? 3;
  return (
    <span className="inline-block leading-tight whitespace-nowrap">
      <span className="block font-medium">{decimal(value, digits)}</span>
      <span className="block text-xs text-slate-600">
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
