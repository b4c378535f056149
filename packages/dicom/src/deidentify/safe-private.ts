/**
 * Retain Safe Private Option (PS3.15 E.3.10): private attributes that are known to name nobody, told by their private
 * creator, each with a value that looks as it must: a number, or words that name devices, paddles and views.
 */
import {
  asciiElement,
  asciiValues,
  type DataElement,
  type DicomFile,
  findElement,
  valueBytes,
} from "./data-element.ts";
import { cleanDeviceText } from "./device-text.ts";
import { safePrivateBlocks } from "./safe-private-table.ts";

const vrsByPlace = new Map(
  safePrivateBlocks.flatMap(({ creator, group, vrs }) =>
    Object.entries(vrs).map(([element, vr]) => [`${creator}|${group}|${element}`, vr.split("/")] as const),
  ),
);

/** What remains of private elements at the top of a data set, the creators of their blocks included. */
export function safePrivateElements(file: DicomFile): Map<DataElement, DataElement> {
  const kept = new Map<DataElement, DataElement>();
  for (const element of file.elements) {
    const block = element.tag.slice(4, 6);
    if (!isPrivate(element.tag) || block < "10") continue;
    const creator = findElement(file.elements, `${element.tag.slice(0, 4)}00${block}`);
    const name = asciiValues(creator).join("\\");
    const vrs = vrsByPlace.get(`${name}|${element.tag.slice(0, 4)}|${element.tag.slice(6)}`);
    if (creator === undefined || vrs === undefined) continue;
    const cleaned = cleanPrivateValue(element, vrs, file.encoding.isBigEndian);
    if (cleaned === undefined) continue;
    kept.set(creator, asciiElement(creator.tag, "LO", name));
    kept.set(element, cleaned);
  }
  return kept;
}

const isPrivate = (tag: string) => Number.parseInt(tag.slice(3, 4), 16) % 2 === 1;

const maxValues = 64;
const largestNumber = 1_000_000;
const wordBytes: Readonly<Record<string, number>> = { US: 2, SS: 2, SL: 4, FL: 4 };
/** Laterality and view, with letters for what is special about it. */
const viewText = /^[LR](?:CC|MLO|ML|LM|LMO|AT|CV|XCCL|XCCM)(?:ID|M|S|RL|RM)?$/;

function cleanPrivateValue(
  element: DataElement,
  vrs: readonly string[],
  isBigEndian: boolean,
): DataElement | undefined {
  const [first = ""] = vrs;
  const vr = vrs.includes(element.vr) ? element.vr : first;
  // A file may not know what its private attributes are.
  if (element.value.kind !== "bytes" || (element.vr !== vr && element.vr !== "UN")) return undefined;
  const width = wordBytes[vr];
  if (width !== undefined) {
    const { length } = valueBytes(element);
    const isWhole = length > 0 && length % width === 0 && length / width <= maxValues;
    // The order of bytes in what is unknown cannot be turned around later.
    return isWhole && !isBigEndian ? { tag: element.tag, vr, value: element.value } : undefined;
  }
  const values = asciiValues(element);
  if (values.length === 0 || values.length > maxValues) return undefined;
  const cleaned = values.map((value) =>
    vr === "DS" || vr === "IS" ? cleanNumber(value) : cleanWords(value),
  );
  if (cleaned.every((value) => value === "")) return undefined;
  return asciiElement(element.tag, vr, cleaned.join("\\"));
}

function cleanNumber(value: string): string {
  const isNumber =
    /^[+-]?(?:\d{1,7}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?$/.test(value) && value.length <= 16;
  return isNumber && Math.abs(Number(value)) <= largestNumber ? value : "";
}

const cleanWords = (value: string): string =>
  viewText.test(value) ? value : cleanDeviceText(value).slice(0, 16);
