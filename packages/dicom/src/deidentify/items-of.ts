import type { DataElement } from "./data-element.ts";
import { parseItems } from "./parse-data-set.ts";

/** Items of an element that is a sequence by its tag, also where the file writes it as UN or without a VR. */
export function itemsOf({ value }: DataElement): readonly DataElement[][] {
  if (value.kind === "items") return value.items;
  if (value.kind === "fragments" || value.bytes.length === 0) return [];
  try {
    return parseItems(value.bytes, { isExplicit: false, isBigEndian: false });
  } catch {
    return [];
  }
}
