"use client";

import { count } from "../../components/format.ts";

/** A frozen cohort fixes who is in it, not what is known of them. */
export function FrozenWarning(props: {
  cohorts: readonly { cohortId: string; name: string; caseCount: number; evaluationCount: number }[];
  isAcknowledged: boolean;
  onAcknowledge: (isAcknowledged: boolean) => void;
}) {
  const { cohorts, isAcknowledged, onAcknowledge } = props;
  if (cohorts.length === 0) return null;
  return (
    <div className="rounded-lg border border-warning-ink/30 bg-warning-soft px-3 py-2 text-sm text-warning-ink">
      <p>
        {cohorts.length === 1 ? "A frozen cohort holds" : `${cohorts.length} frozen cohorts hold`}{" "}
        {cohorts.every(({ caseCount }) => caseCount === 1) ? "this case" : "some of these cases"}:{" "}
        {cohorts
          .map(
            ({ name, caseCount, evaluationCount }) =>
              `${name} (${count(caseCount)} ${caseCount === 1 ? "case" : "cases"}, ${count(evaluationCount)} ${evaluationCount === 1 ? "evaluation" : "evaluations"})`,
          )
          .join(", ")}
        . The digest names the membership and stays. Training and evaluations from now on use the new labels;
        results that stand keep the old ones. The change is recorded with the cohort.
      </p>
      <label className="mt-1.5 flex items-center gap-2 font-medium">
        <input
          type="checkbox"
          className="size-4 accent-accent-700"
          checked={isAcknowledged}
          onChange={(event) => onAcknowledge(event.target.checked)}
        />
        Change labels under the frozen membership
      </label>
    </div>
  );
}
