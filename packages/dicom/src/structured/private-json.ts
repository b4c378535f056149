/** What has no standard attribute at full precision: JSON in a private block (PS3.5 7.8), which others may ignore. */
import type { DataElement } from "../deidentify/data-element.ts";
import { text, textOf } from "./element-values.ts";
import { parseJson } from "./mark-graphic.ts";

const creator = "CROSSREAD";

export const privateJson = (value: unknown): DataElement[] => [
  text("00990010", "LO", creator),
  text("00991001", "UT", JSON.stringify(value)),
];

/** Undefined where the block is absent, is somebody else's or holds no JSON. */
export function readPrivateJson(elements: readonly DataElement[]): unknown {
  return textOf(elements, "00990010") === creator ? parseJson(textOf(elements, "00991001")) : undefined;
}
