import {
  labelProblems,
  type BreastLabel,
  type CaseLabels,
  type LabelProblem,
} from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";

/** What one field of a breast becomes, and what goes with it. */
export function editBreast(label: BreastLabel, change: Partial<BreastLabel>): BreastLabel {
  const next = { ...label, ...change };
  return {
    ...next,
    source: next.finding === null ? null : next.source,
    followUpMonths: next.finding !== null && next.source === "follow-up" ? next.followUpMonths : null,
    isIntervalCancer: next.finding === "malignant" && next.isIntervalCancer,
  };
}

/** Problems of the breasts that the form changes; what was stored under older rules is not judged. */
export function formProblems(
  stored: CaseLabels,
  entered: CaseLabels,
): Readonly<Record<Laterality, readonly LabelProblem[]>> {
  const of = (laterality: Laterality) =>
    sameBreast(stored.breasts[laterality], entered.breasts[laterality])
      ? []
      : labelProblems(entered.breasts[laterality]);
  return { R: of("R"), L: of("L") };
}

const sameBreast = (a: BreastLabel, b: BreastLabel) =>
  a.finding === b.finding &&
  a.source === b.source &&
  a.followUpMonths === b.followUpMonths &&
  a.birads === b.birads &&
  a.isIntervalCancer === b.isIntervalCancer;

export const sameLabels = (a: CaseLabels, b: CaseLabels): boolean =>
  sameBreast(a.breasts.R, b.breasts.R) &&
  sameBreast(a.breasts.L, b.breasts.L) &&
  a.density?.value === b.density?.value &&
  a.density?.source === b.density?.source;

/** One line, for history and for the stored side of a conflict. */
export function describeBreast(label: BreastLabel): string {
  const parts = [label.finding ?? "unknown"];
  if (label.source !== null) {
    const source = label.source.replace("-", " ");
    parts.push(label.followUpMonths === null ? source : `${source} of ${label.followUpMonths} months`);
  }
  if (label.isIntervalCancer) parts.push("interval cancer");
  if (label.birads !== null) parts.push(`BI-RADS ${label.birads}`);
  return parts.join(", ");
}
