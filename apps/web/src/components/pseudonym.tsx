export function Pseudonym(props: { children: string; title?: string }) {
  return (
    <code title={props.title} className="font-mono text-[13px] text-slate-800">
      {props.children}
    </code>
  );
}
