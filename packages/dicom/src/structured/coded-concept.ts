/** Coded entries (PS3.3 8.8) of reports and maps: standard ones where there are, the rest under a scheme of our own. */
import type { DataElement } from "../deidentify/data-element.ts";
import { sequence, text, textOf } from "./element-values.ts";

export interface CodedConcept {
  readonly scheme: string;
  readonly value: string;
  readonly meaning: string;
}

export const ownScheme = "99CROSSREAD";

export const dcm = (value: string, meaning: string): CodedConcept => ({ scheme: "DCM", value, meaning });
export const sct = (value: string, meaning: string): CodedConcept => ({ scheme: "SCT", value, meaning });
export const ucum = (value: string, meaning: string): CodedConcept => ({ scheme: "UCUM", value, meaning });
export const own = (value: string, meaning: string): CodedConcept => ({ scheme: ownScheme, value, meaning });

export const isSameConcept = (one: CodedConcept, other: CodedConcept): boolean =>
  one.scheme === other.scheme && one.value === other.value;

export function conceptElements({ meaning, scheme, value }: CodedConcept): DataElement[] {
  return [text("00080100", "SH", value), text("00080102", "SH", scheme), text("00080104", "LO", meaning)];
}

export function readConcept(item: readonly DataElement[]): CodedConcept {
  return {
    scheme: textOf(item, "00080102"),
    value: textOf(item, "00080100"),
    meaning: textOf(item, "00080104"),
  };
}

/** Coding Scheme Identification Sequence (0008,0110), which a private scheme needs to be told apart (PS3.16 8.2). */
export const ownSchemeIdentification: DataElement = sequence("00080110", [
  text("00080102", "SH", ownScheme),
  text("00080115", "ST", "Crossread: reader study answers and map properties"),
  text("00080116", "ST", "Crossread"),
]);
