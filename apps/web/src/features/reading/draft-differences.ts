import { mapRatingSchema } from "@crossread/contracts/reading";
import type { DraftContent } from "./draft-saver.ts";

export interface DraftDifference {
  readonly what: string;
  readonly here: string;
  readonly there: string;
}

const said = (value: unknown): string => {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
};

/** Every answer that two versions of a reading give differently, in the order of the form. */
export function draftDifferences(here: DraftContent, there: DraftContent): DraftDifference[] {
  const rows: (readonly [string, unknown, unknown])[] = [];
  for (const laterality of ["R", "L"] as const) {
    const [own, other] = [here.answers.breasts[laterality], there.answers.breasts[laterality]];
    rows.push([`${laterality} BI-RADS`, own.birads, other.birads]);
    rows.push([`${laterality} suspicion`, own.suspicion, other.suspicion]);
  }
  rows.push(["Density", here.answers.density, there.answers.density]);
  rows.push(["Comment", here.answers.comment, there.answers.comment]);
  const differences = rows
    .filter(([, own, other]) => own !== other)
    .map(([what, own, other]) => ({ what, here: said(own), there: said(other) }));
  if (JSON.stringify(here.answers.marks) !== JSON.stringify(there.answers.marks)) {
    const [own, other] = [here.answers.marks.length, there.answers.marks.length];
    const note = own === other ? ", changed" : "";
    differences.push({ what: "Marks", here: `${own}${note}`, there: `${other}${note}` });
  }
  for (const name of mapRatingSchema.keyof().options) {
    const [own, other] = [here.mapRating[name], there.mapRating[name]];
    if (own !== other) differences.push({ what: mapWords[name], here: said(own), there: said(other) });
  }
  return differences;
}

const mapWords = {
  lesionInsideHotArea: "Map: lesion inside",
  hasMissedLesion: "Map: missed lesion",
  hasSpuriousAreas: "Map: spurious areas",
  plausibility: "Map: plausibility",
  wouldChangeRecall: "Map: recall",
  comment: "Map: comment",
} as const;
