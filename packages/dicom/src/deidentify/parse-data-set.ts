/** Bytes → tree, within bounds: no element, length or nesting is believed before it is checked against the file. */
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { inflateRawWithin } from "../inflate-raw.ts";
import {
  type DataElement,
  type DataSetEncoding,
  type DicomFile,
  longVrs,
  pixelDataTag,
} from "./data-element.ts";
import { asciiValues, findElement } from "./data-element.ts";

const undefinedLength = 0xffffffff;
const maxDepth = 16;
const maxElementCount = 500_000;
const maxInflatedBytes = 512 * 1024 * 1024;

export const deflatedExplicitVrLittleEndian = "1.2.840.10008.1.2.1.99";

const implicitLittle: DataSetEncoding = { isExplicit: false, isBigEndian: false };
const explicitLittle: DataSetEncoding = { isExplicit: true, isBigEndian: false };

export function encodingOf(transferSyntaxUid: string): DataSetEncoding {
  if (transferSyntaxUid === "1.2.840.10008.1.2") return implicitLittle;
  return { isExplicit: true, isBigEndian: transferSyntaxUid === "1.2.840.10008.1.2.2" };
}

/** A DICOM file (PS3.10), one without preamble, or a bare data set. */
export function parseDicomFile(bytes: Uint8Array, fileName: string): DicomFile {
  try {
    return parseFile(bytes);
  } catch (error) {
    if (isDomainError(error)) throw error;
    if (error instanceof Truncation || (error instanceof RangeError && /EOF/.test(error.message))) {
      throw new DomainError("image-truncated", `${fileName} is a DICOM file that ends inside its data set.`);
    }
    throw new DomainError("image-unreadable", `${fileName} cannot be parsed as DICOM.`, { cause: error });
  }
}

/** Items of a sequence whose value is known only as bytes, as in UN and in defined lengths of implicit VR. */
export function parseItems(bytes: Uint8Array, encoding: DataSetEncoding): DataElement[][] {
  const reader = new Reader(bytes, 0, encoding);
  return reader.items(bytes.length, 1);
}

class Truncation extends Error {}

function parseFile(bytes: Uint8Array): DicomFile {
  const metaStart = hasMagic(bytes, 128) ? 132 : startsWithMeta(bytes) ? 0 : undefined;
  let meta: DataElement[] = [];
  let body = 0;
  if (metaStart !== undefined) {
    const reader = new Reader(bytes, metaStart, explicitLittle);
    while (reader.hasNext() && reader.peekGroup() === 2) meta.push(reader.element(0));
    body = reader.position;
  }
  const transferSyntaxUid = asciiValues(findElement(meta, "00020010"))[0] ?? bareTransferSyntax(bytes, body);
  let content = bytes;
  if (transferSyntaxUid === deflatedExplicitVrLittleEndian) {
    content = inflateRawWithin(bytes.subarray(body), maxInflatedBytes);
    body = 0;
  }
  const encoding = encodingOf(transferSyntaxUid);
  const reader = new Reader(content, body, encoding);
  const elements = reader.dataSet();
  const preambleCount = metaStart === 132 && bytes.subarray(0, 128).some((byte) => byte !== 0) ? 128 : 0;
  return {
    transferSyntaxUid,
    encoding,
    meta,
    elements,
    strayByteCount: preambleCount + content.length - reader.position,
  };
}

class Reader {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #encoding: DataSetEncoding;
  #elementCount = 0;

  constructor(bytes: Uint8Array, position: number, encoding: DataSetEncoding) {
    this.position = position;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#encoding = encoding;
  }

  hasNext(): boolean {
    return this.position + 8 <= this.#bytes.length;
  }

  peekGroup(): number {
    return this.#view.getUint16(this.position, !this.#encoding.isBigEndian);
  }

  /** All elements; what follows Pixel Data without being an element ends the data set. */
  dataSet(): DataElement[] {
    const elements: DataElement[] = [];
    let hasPixels = false;
    while (this.hasNext()) {
      const start = this.position;
      try {
        const element = this.element(0);
        const last = elements.at(-1);
        if (hasPixels && last !== undefined && element.tag <= last.tag) throw new TypeError("not ascending");
        elements.push(element);
        hasPixels ||= element.tag === pixelDataTag;
      } catch (error) {
        if (!hasPixels) throw error;
        this.position = start;
        break;
      }
    }
    const isPadded = this.#bytes.subarray(this.position).every((byte) => byte === 0);
    if (!hasPixels && !isPadded) throw new Truncation();
    return elements;
  }

  element(depth: number): DataElement {
    if (++this.#elementCount > maxElementCount) throw new TypeError("too many elements");
    const tag = this.#tag();
    const { length, vr } = this.#vrAndLength();
    if (length !== undefinedLength) {
      const isSequence = vr === "SQ";
      if (!isSequence) return { tag, vr, value: { kind: "bytes", bytes: this.#take(length) } };
      const end = this.position + this.#fits(length);
      return { tag, vr, value: { kind: "items", items: this.items(end, depth + 1) } };
    }
    if (tag === pixelDataTag || ((vr === "OB" || vr === "OW") && this.#encoding.isExplicit)) {
      return { tag, vr, value: { kind: "fragments", fragments: this.#fragments() } };
    }
    // PS3.5 6.2.2: UN of undefined length holds items in Implicit VR Little Endian.
    if (vr === "UN" && this.#encoding.isExplicit) {
      const inner = new Reader(this.#bytes, this.position, implicitLittle);
      const items = inner.items(undefined, depth + 1);
      this.position = inner.position;
      return { tag, vr: "SQ", value: { kind: "items", items } };
    }
    return { tag, vr: "SQ", value: { kind: "items", items: this.items(undefined, depth + 1) } };
  }

  /** Items up to a position, or to the sequence delimiter. */
  items(end: number | undefined, depth: number): DataElement[][] {
    if (depth > maxDepth) throw new TypeError("nested too deeply");
    const items: DataElement[][] = [];
    while (end === undefined || this.position < end) {
      const tag = this.#tag();
      const length = this.#uint32();
      if (tag === "FFFEE0DD") break;
      if (tag !== "FFFEE000") throw new TypeError("a sequence holds items only");
      items.push(this.#itemElements(length, depth));
    }
    if (end !== undefined && this.position > end) throw new TypeError("an item is longer than its sequence");
    return items;
  }

  #itemElements(length: number, depth: number): DataElement[] {
    const end = length === undefinedLength ? undefined : this.position + this.#fits(length);
    const elements: DataElement[] = [];
    while (end === undefined || this.position < end) {
      if (end === undefined && this.#peekTag() === "FFFEE00D") {
        this.position += 8;
        break;
      }
      elements.push(this.element(depth));
    }
    if (end !== undefined && this.position > end) throw new TypeError("an element is longer than its item");
    return elements;
  }

  #fragments(): { offsetTable: Uint8Array; parts: Uint8Array[] } {
    const parts: Uint8Array[] = [];
    for (;;) {
      const tag = this.#tag();
      const length = this.#uint32();
      if (tag === "FFFEE0DD") break;
      if (tag !== "FFFEE000") throw new TypeError("encapsulated pixels hold items only");
      parts.push(this.#take(length));
    }
    const [offsetTable = new Uint8Array(0), ...rest] = parts;
    return { offsetTable, parts: rest };
  }

  #vrAndLength(): { vr: string; length: number } {
    if (!this.#encoding.isExplicit) return { vr: "UN", length: this.#uint32() };
    const vr = String.fromCharCode(...this.#take(2));
    if (!/^[A-Z]{2}$/.test(vr)) throw new TypeError("not a value representation");
    if (!longVrs.has(vr)) return { vr, length: this.#uint16() };
    this.#take(2);
    return { vr, length: this.#uint32() };
  }

  #tag(): string {
    const group = this.#uint16();
    const element = this.#uint16();
    return (group * 0x10000 + element).toString(16).toUpperCase().padStart(8, "0");
  }

  #peekTag(): string {
    const tag = this.#tag();
    this.position -= 4;
    return tag;
  }

  #uint16(): number {
    this.#fits(2);
    const value = this.#view.getUint16(this.position, !this.#encoding.isBigEndian);
    this.position += 2;
    return value;
  }

  #uint32(): number {
    this.#fits(4);
    const value = this.#view.getUint32(this.position, !this.#encoding.isBigEndian);
    this.position += 4;
    return value;
  }

  #take(length: number): Uint8Array {
    this.#fits(length);
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  #fits(length: number): number {
    if (this.position + length > this.#bytes.length) throw new Truncation();
    return length;
  }
}

function hasMagic(bytes: Uint8Array, offset: number): boolean {
  return [0x44, 0x49, 0x43, 0x4d].every((byte, index) => bytes[offset + index] === byte);
}

function startsWithMeta(bytes: Uint8Array): boolean {
  return bytes[0] === 2 && bytes[1] === 0 && bytes[3] === 0 && hasVrAt(bytes, 4);
}

function bareTransferSyntax(bytes: Uint8Array, offset: number): string {
  if (bytes[offset] === 0 && bytes[offset + 1] !== 0 && hasVrAt(bytes, offset + 4))
    return "1.2.840.10008.1.2.2";
  return hasVrAt(bytes, offset + 4) ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2";
}

function hasVrAt(bytes: Uint8Array, offset: number): boolean {
  return /^[A-Z]{2}$/.test(String.fromCharCode(bytes[offset] ?? 0, bytes[offset + 1] ?? 0));
}
