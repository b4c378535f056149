import type { ReactNode } from "react";

export type Tone = "neutral" | "active" | "done" | "warning" | "failure" | "benign" | "malignant";

const looks: Record<Tone, string> = {
  neutral: "bg-white text-slate-600 ring-1 ring-slate-300 ring-inset",
  active: "bg-accent-100 text-accent-800",
  done: "bg-slate-200 text-slate-800",
  warning: "bg-warning-soft text-warning-ink",
  failure: "bg-failure-soft text-failure-ink",
  benign: "bg-benign-soft text-benign-ink",
  malignant: "bg-malignant-soft text-malignant-ink",
};

export function Badge(props: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={props.title}
      className={`inline-flex items-center gap-1 self-start rounded-sm px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${looks[props.tone ?? "neutral"]}`}
    >
      {props.children}
    </span>
  );
}
