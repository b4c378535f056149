import type { Outputs } from "../../trpc/client.ts";

export type Results = Outputs["readerStudies"]["results"];
export type Stored = NonNullable<Results["stored"]>;
export type Analysis = Stored["analysis"];

/** What every section gets. */
export interface SectionProps {
  readonly analysis: Analysis;
  /** Name of a reader; null is all of them. */
  readonly nameOf: (reader: number | null) => string;
}

export const conditionLabels = { unaided: "Unaided", aided: "Aided" } as const;

export const seriesColours = {
  aided: "#0f5f58",
  unaided: "#64748b",
  model: "#94480a",
  reference: "#1d5192",
} as const;

export const findingTypeLabels = {
  mass: "Mass",
  calcification: "Calcification",
  asymmetry: "Asymmetry",
  "architectural-distortion": "Architectural distortion",
  other: "Other",
  mixed: "Several types",
} as const;

export const isUndefined = (section: object): section is { readonly undefined: string } =>
  "undefined" in section;

export const pText = (pValue: number | null, format: (value: number) => string): string =>
  pValue === null ? "–" : pValue < 0.001 ? "< 0.001" : format(pValue);
