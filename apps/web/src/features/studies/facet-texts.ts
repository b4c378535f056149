import { technicalLabelSchema } from "@crossread/contracts/technical-label";
import { ageBands, type StudyFacet } from "@crossread/contracts/study-browser";

import { technicalLabelWords } from "./technical-labels.ts";

interface FacetText {
  readonly facet: StudyFacet;
  readonly title: string;
  /** Fixed order of the values; by count where absent. */
  readonly order?: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
  readonly help?: string;
}

export const completenessNames: Readonly<Record<string, string>> = {
  complete: "four views",
  "extra-views": "four views and repeats",
  "one-breast": "one breast only",
  "missing-views": "views missing",
  "no-images": "no images",
};

export const labelStateNames: Readonly<Record<string, string>> = {
  malignant: "malignant",
  benign: "benign",
  normal: "normal",
  incomplete: "one breast unknown",
  unlabelled: "no label",
};

export const facetTexts: readonly FacetText[] = [
  {
    facet: "label",
    title: "Reference standard",
    order: Object.keys(labelStateNames),
    names: labelStateNames,
  },
  {
    facet: "completeness",
    title: "Views received",
    order: Object.keys(completenessNames),
    names: completenessNames,
  },
  { facet: "density", title: "Density", order: ["A", "B", "C", "D"] },
  { facet: "age", title: "Age", order: ageBands },
  { facet: "device", title: "Device" },
  { facet: "acquisition", title: "Acquisition", names: { "film-digitised": "digitised film" } },
  { facet: "view", title: "Has view", order: ["CC", "MLO"] },
  { facet: "laterality", title: "Has breast", order: ["R", "L"], names: { R: "right", L: "left" } },
  { facet: "implant", title: "Implant" },
  {
    facet: "technical",
    title: "Kind of image",
    order: ["plain", ...Object.keys(technicalLabelWords)],
    names: {
      plain: "plain views only",
      ...Object.fromEntries(
        technicalLabelSchema.options.map((label) => [label, technicalLabelWords[label].name]),
      ),
    },
  },
  { facet: "tag", title: "Tags" },
];

/** In the facet's own order, then by count; values of the filter are there even where no study has them. */
export function orderedValues(
  text: FacetText,
  counts: readonly { value: string; studyCount: number }[],
  chosen: readonly string[],
): { value: string; studyCount: number }[] {
  const missing = chosen
    .filter((value) => !counts.some((count) => count.value === value))
    .map((value) => ({ value, studyCount: 0 }));
  const rank = (value: string) => {
    const index = text.order?.indexOf(value) ?? -1;
    if (index >= 0) return index;
    return value === "unknown" ? Number.MAX_SAFE_INTEGER : (text.order?.length ?? 0);
  };
  return [...counts, ...missing].toSorted(
    (a, b) => rank(a.value) - rank(b.value) || b.studyCount - a.studyCount || (a.value < b.value ? -1 : 1),
  );
}
