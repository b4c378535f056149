import type { MarkKind } from "@crossread/contracts/mark";
import type { ReaderMark } from "@crossread/contracts/reader-mark";
import {
  descriptorsOfKind,
  type LesionDescriptor,
  type Pathology,
  type ReferenceMark,
} from "@crossread/contracts/reference-mark";

export const kindNames: Readonly<Record<MarkKind, string>> = {
  mass: "mass",
  calcification: "calcifications",
  asymmetry: "asymmetry",
  "architectural-distortion": "architectural distortion",
  other: "other",
};

export const pathologyNames: Readonly<Record<Pathology, string>> = {
  benign: "benign",
  "high-risk": "high-risk lesion",
  "in-situ": "carcinoma in situ",
  invasive: "invasive carcinoma",
  "other-malignancy": "other malignancy",
};

export const descriptorNames: Readonly<Record<LesionDescriptor, string>> = {
  shape: "Shape",
  margin: "Margin",
  density: "Density",
  morphology: "Morphology",
  distribution: "Distribution",
  extent: "Asymmetry",
};

export const plain = (word: string): string => word.replaceAll("-", " ");

/** In the order of BI-RADS; a density says that it is one, because "high" alone says nothing. */
export function descriptorWords(mark: Pick<ReaderMark, "kind" | "descriptors">): string[] {
  return descriptorsOfKind[mark.kind].flatMap((name) => {
    const value = mark.descriptors?.[name];
    if (value === undefined) return [];
    return [name === "density" ? `${plain(value)} density` : plain(value)];
  });
}

/** One line: kind, descriptors, pathology and how it is drawn. */
export function describeMark(mark: ReferenceMark): string {
  const descriptors = descriptorWords(mark);
  const pathology = mark.pathology === null ? [] : [`pathology: ${pathologyNames[mark.pathology]}`];
  return [kindNames[mark.kind], ...descriptors, ...pathology, mark.geometry.shape].join(", ");
}
