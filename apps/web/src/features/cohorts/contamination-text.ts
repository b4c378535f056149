/** What stands between a cohort and its results, in one sentence; empty where nothing does. */
export function contaminationText(found: { blockingCount: number; splitWomenCount: number }): string {
  const parts = [
    found.blockingCount === 0
      ? ""
      : `${found.blockingCount} ${found.blockingCount === 1 ? "pair" : "pairs"} of copied images`,
    found.splitWomenCount === 0
      ? ""
      : `${found.splitWomenCount} ${found.splitWomenCount === 1 ? "woman" : "women"} in two splits`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `It has ${parts.join(" and ")}.`;
}
