export function ProgressBar(props: { value: number; label: string; colour?: string }) {
  const share = Math.min(1, Math.max(0, props.value));
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className="h-1.5 w-full overflow-hidden rounded-full bg-slate-200"
    >
      <div
        className="h-full rounded-full bg-accent-600 transition-[width] duration-500"
        style={{
          width: `${share * 100}%`,
          ...(props.colour === undefined ? {} : { background: props.colour }),
        }}
      />
    </div>
  );
}
