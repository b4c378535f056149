/** Holds the place of what is being loaded. */
export function Skeleton(props: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={props.label ?? "Loading"} className="flex flex-col gap-2">
      {Array.from({ length: props.rows ?? 4 }, (_, index) => (
        <div key={index} className="h-8 animate-pulse rounded-md bg-slate-200/70" />
      ))}
    </div>
  );
}
