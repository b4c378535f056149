export function Legend(props: {
  items: readonly { key: string; label: string; colour: string; detail?: string; isDashed?: boolean }[];
}) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-slate-700">
      {props.items.map((item) => (
        <li key={item.key} className="inline-flex items-center gap-1.5">
          <svg width={16} height={8} aria-hidden>
            <line
              x1={0}
              x2={16}
              y1={4}
              y2={4}
              stroke={item.colour}
              strokeWidth={2.5}
              strokeDasharray={item.isDashed === true ? "3 2" : undefined}
            />
          </svg>
          {item.label}
          {item.detail === undefined ? null : <span className="text-slate-500">{item.detail}</span>}
        </li>
      ))}
    </ul>
  );
}
