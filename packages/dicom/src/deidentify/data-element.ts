/** A data set as a tree of elements whose values stay the bytes of the file: what is not understood is not touched. */

/** Basic Offset Table and fragments of encapsulated Pixel Data (PS3.5 A.4). */
export interface Fragments {
  readonly offsetTable: Uint8Array;
  readonly parts: readonly Uint8Array[];
}

export type ElementValue =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "items"; readonly items: readonly DataElement[][] }
  | { readonly kind: "fragments"; readonly fragments: Fragments };

export interface DataElement {
  /** Eight upper-case hexadecimal digits: group and element. */
  readonly tag: string;
  /** "UN" where the transfer syntax does not say it. */
  readonly vr: string;
  readonly value: ElementValue;
}

export interface DataSetEncoding {
  readonly isExplicit: boolean;
  readonly isBigEndian: boolean;
}

export interface DicomFile {
  readonly transferSyntaxUid: string;
  readonly encoding: DataSetEncoding;
  readonly meta: readonly DataElement[];
  readonly elements: readonly DataElement[];
  /** Bytes that belong to no element: the preamble where it is not zero, and what follows the last element. */
  readonly strayByteCount: number;
}

export const pixelDataTag = "7FE00010";

/** PS3.5 7.1.2: VRs whose explicit length has 32 bits. */
export const longVrs: ReadonlySet<string> = new Set([
  "OB",
  "OD",
  "OF",
  "OL",
  "OV",
  "OW",
  "SQ",
  "SV",
  "UC",
  "UN",
  "UR",
  "UT",
  "UV",
]);

export function findElement(elements: readonly DataElement[], tag: string): DataElement | undefined {
  return elements.find((element) => element.tag === tag);
}

/** Value bytes; empty for an absent element, a sequence and encapsulated pixels. */
export function valueBytes(element: DataElement | undefined): Uint8Array {
  return element?.value.kind === "bytes" ? element.value.bytes : new Uint8Array(0);
}

/** Pixel Data as it is stored, native or fragments one after the other, padded as it is written. */
export function storedPixelBytes(elements: readonly DataElement[]): Uint8Array {
  const value = findElement(elements, pixelDataTag)?.value;
  const parts = value?.kind === "fragments" ? value.fragments.parts : [];
  const pieces = value?.kind === "bytes" ? [value.bytes] : parts;
  const starts: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    starts.push(length);
    length += piece.length + (piece.length % 2);
  }
  const joined = new Uint8Array(length);
  for (const [index, piece] of pieces.entries()) joined.set(piece, starts[index]);
  return joined;
}

/** Values of an ASCII text element, split at backslashes and stripped of padding. */
export function asciiValues(element: DataElement | undefined): string[] {
  const text = new TextDecoder("latin1").decode(valueBytes(element));
  return text === "" ? [] : text.split("\\").map((value) => value.replaceAll("\0", "").trim());
}

export function firstAscii(elements: readonly DataElement[], tag: string): string | undefined {
  const value = asciiValues(findElement(elements, tag))[0];
  return value === "" ? undefined : value;
}

export function firstUnsignedShort(
  elements: readonly DataElement[],
  tag: string,
  isBigEndian: boolean,
): number | undefined {
  const bytes = valueBytes(findElement(elements, tag));
  if (bytes.length < 2) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 2).getUint16(0, !isBigEndian);
}

/** ASCII text as a value of even length (PS3.5 6.2): UI is padded with NUL, everything else with a space. */
export function asciiElement(tag: string, vr: string, text: string): DataElement {
  const padded = text.length % 2 === 0 ? text : text + (vr === "UI" ? "\0" : " ");
  return { tag, vr, value: { kind: "bytes", bytes: new TextEncoder().encode(padded) } };
}

export function sequenceElement(tag: string, items: readonly DataElement[][]): DataElement {
  return { tag, vr: "SQ", value: { kind: "items", items } };
}
