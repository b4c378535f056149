/**
 * Times of day under PS3.15 E.3.6. With full dates they stay as they are. With modified dates every study begins at
 * noon: what lies between its images stays, and the hour, by which a hospital's schedule names a woman, goes.
 */
import { type DataElement, firstAscii } from "./data-element.ts";
import { secondsOfDay } from "./shift-date.ts";

export type TimeRule =
  | { readonly kind: "keep" }
  | { readonly kind: "move"; readonly seconds: number }
  /** Nothing says when the study began. */
  | { readonly kind: "remove" };

const noonSeconds = 43_200;

export function timeRuleOf(elements: readonly DataElement[], keepsFullDates: boolean): TimeRule {
  if (keepsFullDates) return { kind: "keep" };
  const began = secondsOfDay(firstAscii(elements, "00080030") ?? "");
  return began === undefined ? { kind: "remove" } : { kind: "move", seconds: noonSeconds - began };
}

/** A date and the time that belongs to it (PS3.3 C.12.1, C.7.2.1, C.7.3.1, C.7.6.1, C.7.6.2). */
const timeOfDate: Readonly<Record<string, string>> = {
  "00080020": "00080030",
  "00080021": "00080031",
  "00080022": "00080032",
  "00080023": "00080033",
};

const daySeconds = 86_400;

/** Days by which a date moves because its time was moved over midnight. */
export function dayCarry(tag: string, elements: readonly DataElement[], rule: TimeRule): number {
  const timeTag = timeOfDate[tag];
  if (rule.kind !== "move" || timeTag === undefined) return 0;
  const seconds = secondsOfDay(firstAscii(elements, timeTag) ?? "");
  return seconds === undefined ? 0 : Math.floor((seconds + rule.seconds) / daySeconds);
}
