import type { ReactNode } from "react";

/** Shown wherever results of the model are. */
function ResearchUseOnly() {
  return (
    <span className="rounded-sm border border-warning-ink/30 bg-warning-soft px-1.5 py-0.5 text-xs font-medium text-warning-ink">
      Research use only
    </span>
  );
}

export function PageHeader(props: {
  title: string;
  lead?: ReactNode;
  back?: ReactNode;
  actions?: ReactNode;
  showsResults?: boolean;
}) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        {props.back}
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="text-xl font-semibold tracking-tight">{props.title}</h1>
          {props.showsResults === true ? <ResearchUseOnly /> : null}
        </div>
        {props.lead === undefined ? null : (
          <div className="mt-1 max-w-3xl text-sm text-slate-600">{props.lead}</div>
        )}
      </div>
      {props.actions === undefined ? null : <div className="flex items-center gap-2">{props.actions}</div>}
    </header>
  );
}

export function Section(props: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="mb-6" aria-label={props.title}>
      <div className="mb-2 flex items-end justify-between gap-4">
        <div>
          <h2 className="text-sm font-semibold text-slate-900">{props.title}</h2>
          {props.lead === undefined ? null : <p className="text-xs text-slate-600">{props.lead}</p>}
        </div>
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}

export function Panel(props: { children: ReactNode; className?: string }) {
  return (
    <div className={`rounded-lg border border-slate-200 bg-white p-4 ${props.className ?? ""}`}>
      {props.children}
    </div>
  );
}
