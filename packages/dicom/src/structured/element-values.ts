/** Values of data elements in Explicit VR Little Endian, text in ISO_IR 192. */
import { DomainError } from "@crossread/contracts/errors";
import { type DataElement, findElement, sequenceElement, valueBytes } from "../deidentify/data-element.ts";
import { itemsOf } from "../deidentify/items-of.ts";
import { parseDicomFile } from "../deidentify/parse-data-set.ts";

const utf8 = new TextEncoder();

/** PS3.5 6.2: padded to an even length, UI with NUL, everything else with a space. */
export function text(tag: string, vr: string, ...values: readonly string[]): DataElement {
  const bytes = utf8.encode(values.join("\\"));
  if (bytes.length % 2 === 0) return { tag, vr, value: { kind: "bytes", bytes } };
  const padded = new Uint8Array(bytes.length + 1).fill(vr === "UI" ? 0 : 0x20);
  padded.set(bytes);
  return { tag, vr, value: { kind: "bytes", bytes: padded } };
}

const numberSizes = { US: 2, SL: 4, UL: 4, FL: 4, FD: 8 } as const;
type NumberVr = keyof typeof numberSizes;

export function numbers(tag: string, vr: NumberVr, ...values: readonly number[]): DataElement {
  const size = numberSizes[vr];
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (vr === "US") view.setUint16(index * size, value, true);
    else if (vr === "SL") view.setInt32(index * size, value, true);
    else if (vr === "UL") view.setUint32(index * size, value, true);
    else if (vr === "FL") view.setFloat32(index * size, value, true);
    else view.setFloat64(index * size, value, true);
  }
  return { tag, vr, value: { kind: "bytes", bytes } };
}

/** Elements of a sequence item or data set in ascending order of their tags (PS3.5 7.1). */
export function inOrder(elements: readonly DataElement[]): DataElement[] {
  return elements.toSorted((one, other) => (one.tag < other.tag ? -1 : one.tag > other.tag ? 1 : 0));
}

export function sequence(tag: string, ...items: readonly (readonly DataElement[])[]): DataElement {
  return sequenceElement(tag, items.map(inOrder));
}

/** DS holds at most 16 characters (PS3.5 6.2). */
export function decimalText(value: number): string {
  const exact = String(value);
  return exact.length <= 16 ? exact : value.toPrecision(9).replace(/\.?0+(?=e|$)/, "");
}

/** The data set of a file of ours, also where another program has written it again. */
export function readElements(bytes: Uint8Array, fileName: string): readonly DataElement[] {
  const { elements, encoding } = parseDicomFile(bytes, fileName);
  if (encoding.isBigEndian) {
    throw new DomainError(
      "transfer-syntax-unsupported",
      `Reports, marks and maps are read in little endian, but ${fileName} is big endian.`,
    );
  }
  return elements;
}

/** Text without its padding; empty where there is none. */
export function textOf(elements: readonly DataElement[], tag: string): string {
  return new TextDecoder("utf-8").decode(valueBytes(findElement(elements, tag))).replace(/[\0 ]+$/, "");
}

export function numbersOf(elements: readonly DataElement[], tag: string, vr: NumberVr): number[] {
  const bytes = valueBytes(findElement(elements, tag));
  const size = numberSizes[vr];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => {
    if (vr === "US") return view.getUint16(index * size, true);
    if (vr === "SL") return view.getInt32(index * size, true);
    if (vr === "UL") return view.getUint32(index * size, true);
    if (vr === "FL") return view.getFloat32(index * size, true);
    return view.getFloat64(index * size, true);
  });
}

export function itemsAt(elements: readonly DataElement[], tag: string): readonly DataElement[][] {
  const element = findElement(elements, tag);
  return element === undefined ? [] : itemsOf(element);
}
