import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { shortHash } from "../../components/format.ts";
import type { Checkpoint } from "./checkpoint-view.tsx";

interface Step {
  readonly checkpointId: string;
  readonly name: string;
  readonly sha256: string;
}

export function LineageChain(props: { checkpoint: Checkpoint }) {
  const { checkpoint } = props;
  return (
    <ol className="flex flex-wrap items-center gap-1">
      {checkpoint.ancestors.map((step) => (
        <LineageItem key={step.checkpointId} step={step} isCurrent={false} hasNext />
      ))}
      <LineageItem step={checkpoint} isCurrent hasNext={checkpoint.children.length > 0} />
      {checkpoint.children.map((step) => (
        <LineageItem key={step.checkpointId} step={step} isCurrent={false} hasNext={false} />
      ))}
    </ol>
  );
}

function LineageItem(props: { step: Step; isCurrent: boolean; hasNext: boolean }) {
  const { step } = props;
  return (
    <li className="flex items-center gap-1">
      <Link
        href={`/models/${step.checkpointId}`}
        aria-current={props.isCurrent ? "true" : undefined}
        className={`rounded-md border px-2.5 py-1.5 ${
          props.isCurrent
            ? "border-accent-600 bg-accent-50"
            : "border-slate-200 bg-white hover:border-accent-500"
        }`}
      >
        <span className="block text-sm">{step.name}</span>
        <code className="block font-mono text-xs text-slate-600">{shortHash(step.sha256)}</code>
      </Link>
      {props.hasNext ? <ChevronRight size={14} aria-hidden className="text-slate-400" /> : null}
    </li>
  );
}
