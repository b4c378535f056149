import type { ReactNode } from "react";

export function EmptyState(props: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-slate-300 bg-white px-6 py-10 text-center">
      <p className="font-medium text-slate-800">{props.title}</p>
      {props.children === undefined ? null : (
        <p className="max-w-prose text-sm text-slate-600">{props.children}</p>
      )}
      {props.action}
    </div>
  );
}
