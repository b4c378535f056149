import type { Outputs } from "../../trpc/client.ts";
import { FindingBadge } from "../studies/finding-badge.tsx";
import { describeBreast } from "./label-form-state.ts";

/** What is in force, for those who may read it and not write. */
export function LabelSummary(props: { study: Outputs["studies"]["load"] }) {
  const { labels, density } = props.study;
  return (
    <dl className="grid gap-3 text-sm md:grid-cols-3">
      {(["R", "L"] as const).map((laterality) => (
        <div key={laterality}>
          <dt className="text-xs text-slate-600">{laterality === "R" ? "Right breast" : "Left breast"}</dt>
          <dd className="mt-0.5 flex items-center gap-2">
            <FindingBadge finding={labels.breasts[laterality].finding} />
            {describeBreast(labels.breasts[laterality])}
          </dd>
        </div>
      ))}
      <div>
        <dt className="text-xs text-slate-600">Density</dt>
        <dd className="mt-0.5">
          {density ?? "unknown"}
          {labels.density === null ? "" : `, said by ${labels.density.source.replace("-", " ")}`}
        </dd>
      </div>
    </dl>
  );
}
