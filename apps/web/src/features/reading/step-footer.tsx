"use client";

/** What is missing, or what ending the step means, and the button that ends it. */
export function StepFooter(props: {
  error: string | null;
  missing: readonly string[];
  complete: string;
  action: string;
  canEnd: boolean;
  onEnd: (event: { readonly timeStamp: number }) => void;
}) {
  return (
    <footer className="border-t border-zinc-800 px-4 py-3">
      {props.error === null ? null : (
        <p role="alert" className="mb-2 text-xs text-orange-300">
          {props.error}
        </p>
      )}
      <p className="mb-2 min-h-4 text-xs text-zinc-400">
        {props.missing.length === 0 ? props.complete : `Missing: ${props.missing.join(", ")}`}
      </p>
      <button
        type="button"
        disabled={!props.canEnd}
        onClick={props.onEnd}
        className="h-9 w-full rounded-md bg-accent-500 text-sm font-semibold text-black hover:bg-accent-200 disabled:bg-zinc-700 disabled:text-zinc-400"
      >
        {props.action}
        <span className="ml-2 text-xs font-normal opacity-80">Ctrl ⏎</span>
      </button>
    </footer>
  );
}
