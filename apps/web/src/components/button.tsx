import type { ComponentProps } from "react";

type Emphasis = "primary" | "secondary" | "quiet" | "danger";

const looks: Record<Emphasis, string> = {
  primary: "bg-accent-700 text-white hover:bg-accent-800 border-accent-700",
  secondary: "bg-white text-slate-800 hover:bg-slate-100 border-slate-300",
  quiet: "bg-transparent text-slate-700 hover:bg-slate-200/70 border-transparent",
  danger: "bg-white text-failure-ink hover:bg-failure-soft border-failure/40",
};

export const buttonLook = (emphasis: Emphasis = "secondary"): string =>
  `inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 text-sm font-medium whitespace-nowrap ` +
  `disabled:cursor-not-allowed disabled:opacity-50 ${looks[emphasis]}`;

export function Button(props: ComponentProps<"button"> & { emphasis?: Emphasis }) {
  const { emphasis, className = "", type = "button", ...rest } = props;
  return <button type={type} className={`${buttonLook(emphasis)} ${className}`} {...rest} />;
}
