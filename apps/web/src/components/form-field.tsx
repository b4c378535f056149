import { useId, type ComponentProps, type ReactNode } from "react";

const inputLook =
  "h-8 rounded-md border border-slate-300 bg-white px-2 text-sm text-slate-900 " +
  "placeholder:text-slate-400 disabled:bg-slate-100 disabled:text-slate-500 aria-invalid:border-failure";

/** Label, help and error tied to one control; the control takes what it is handed. */
export function FormField(props: {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  children: (control: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
}) {
  const id = useId();
  const describedBy = `${id}-help`;
  const hasError = props.error !== undefined;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium text-slate-800">
        {props.label}
      </label>
      {props.children({ id, "aria-describedby": describedBy, "aria-invalid": hasError })}
      <p id={describedBy} className={`text-xs ${hasError ? "text-failure-ink" : "text-slate-600"}`}>
        {props.error ?? props.help}
      </p>
    </div>
  );
}

/** Full width unless the caller names one: two width classes on one element have no defined winner. */
const widthOf = (className: string) => (/(^|\s)w-/.test(className) ? "" : "w-full");

export function Input(props: ComponentProps<"input">) {
  const { className = "", ...rest } = props;
  return <input className={`${inputLook} ${widthOf(className)} ${className}`} {...rest} />;
}

export function Select(props: ComponentProps<"select">) {
  const { className = "", ...rest } = props;
  return <select className={`${inputLook} ${widthOf(className)} ${className}`} {...rest} />;
}
