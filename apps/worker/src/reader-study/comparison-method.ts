import type { StudyScope } from "./study-scope.ts";

interface ComparisonMethod {
  readonly name: "obuchowski-rockette" | "one-shot";
  /** Which method and why, in words. */
  readonly note: string;
}

/** The analysis of variance where the design is balanced, the one-shot estimate for every other design. */
export function comparisonMethod({ counted, groups, structure }: StudyScope): ComparisonMethod {
  const unfinished = counted.filter(({ weight }) => weight < 1).length;
  const sizes = [...new Set(groups.groups.map((group) => group.length))];
  const reasons = [
    ...(structure === "overlapping" ? ["cases were given to readers in changing company"] : []),
    ...(structure === "irregular" ? ["cases were given to different numbers of readers"] : []),
    ...(structure === "split-plot" && sizes.length > 1 ? ["the groups of readers are of unequal size"] : []),
    ...(unfinished > 0
      ? [`${unfinished} ${unfinished === 1 ? "reader has" : "readers have"} not finished`]
      : []),
  ];
  if (counted.length === 0) return { name: "obuchowski-rockette", note: "" };
  return reasons.length === 0
    ? {
        name: "obuchowski-rockette",
        note: "Aided and unaided are compared by Obuchowski and Rockette’s analysis: readers share all of their cases or none, and all who count have finished.",
      }
    : {
        name: "one-shot",
        note: `Aided and unaided are compared by Gallas’ one-shot estimate, which holds for any design, because ${reasons.join(" and ")}. Readers who finished have weight 1${unfinished > 0 ? "; each of the others has as weight the share of their own cases that they read under both conditions" : ""}.`,
      };
}
