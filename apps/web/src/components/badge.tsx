import type { ReactNode } from "react";

export type Tone = "neutral" | "active" | "done" | "warning" | "failure" | "benign" | "malignant";

const looks: Record<Tone, string> = {
  neutral: "bg-slate-100 text-slate-700",
  active: "bg-accent-100 text-accent-800",
  done: "bg-slate-700 text-white",
  warning: "bg-warning-soft text-warning-ink",
  failure: "bg-failure-soft text-failure-ink",
  benign: "bg-benign-soft text-benign-ink",
  malignant: "bg-malignant-soft text-malignant-ink",
};

export function Badge(props: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={props.title}
      className={`inline-flex items-center gap-1 rounded-sm px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${looks[props.tone ?? "neutral"]}`}
    >
      {props.children}
    </span>
  );
}
