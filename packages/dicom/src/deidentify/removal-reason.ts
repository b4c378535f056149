import { tableRow } from "./table-action.ts";

/** Why an attribute that is on no list goes. */
export function reasonForRemoval(tag: string): string {
  const group = Number.parseInt(tag.slice(0, 4), 16);
  if (group % 2 === 1) return "private attribute";
  if (tag.startsWith("50")) return "curve";
  if (tag.startsWith("60")) return "overlay";
  if (tag === "00080005") return "not needed: what is kept is plain ASCII";
  return tableRow(tag) === undefined
    ? "not on the list for this kind of image"
    : "identifying by PS3.15 table E.1-1";
}
