import type { ComponentProps, ReactNode } from "react";

/** Dense table whose head stays while the rows scroll; wide ones scroll inside their frame. */
export function Table(props: { label: string; maxHeight?: string; children: ReactNode }) {
  return (
    <div
      className="overflow-auto rounded-lg border border-slate-200 bg-white print:max-h-none! print:overflow-visible"
      style={props.maxHeight === undefined ? undefined : { maxHeight: props.maxHeight }}
      tabIndex={0}
      role="region"
      aria-label={props.label}
    >
      <table className="w-full border-separate border-spacing-0 text-sm" aria-label={props.label}>
        {props.children}
      </table>
    </div>
  );
}

export function Head(props: ComponentProps<"th"> & { isNumeric?: boolean }) {
  const { isNumeric = false, className = "", ...rest } = props;
  return (
    <th
      scope="col"
      className={`sticky top-0 z-10 border-b border-slate-200 bg-slate-50 px-3 py-2 text-xs font-medium whitespace-nowrap text-slate-600 ${isNumeric ? "text-right" : "text-left"} ${className}`}
      {...rest}
    />
  );
}

export function Cell(props: ComponentProps<"td"> & { isNumeric?: boolean }) {
  const { isNumeric = false, className = "", ...rest } = props;
  return (
    <td
      className={`border-b border-slate-100 px-3 py-2 align-middle group-last:border-b-0 ${isNumeric ? "text-right" : ""} ${className}`}
      {...rest}
    />
  );
}

export function Row(props: ComponentProps<"tr">) {
  const { className = "", ...rest } = props;
  return <tr className={`group hover:bg-slate-50/80 ${className}`} {...rest} />;
}
