/** Tree → bytes in a given transfer syntax; equal trees give equal bytes. */
import { deflateSync } from "fflate";
import { implementationClassUid } from "../part10-file.ts";
import {
  asciiElement,
  type DataElement,
  type DataSetEncoding,
  type Fragments,
  longVrs,
} from "./data-element.ts";
import { deflatedExplicitVrLittleEndian, encodingOf } from "./parse-data-set.ts";

const explicitLittle: DataSetEncoding = { isExplicit: true, isBigEndian: false };
const undefinedLength = 0xffffffff;

export interface WrittenFile {
  readonly transferSyntaxUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly elements: readonly DataElement[];
}

/** DICOM file (PS3.10 7.1) with an empty preamble and file meta information of our own. */
export function writeDicomFile(file: WrittenFile): Uint8Array<ArrayBuffer> {
  const encoding = encodingOf(file.transferSyntaxUid);
  const meta = new Writer(explicitLittle);
  for (const element of metaElements(file)) meta.element(element);
  const head = new Writer(explicitLittle);
  head.bytes(new Uint8Array(128));
  head.bytes(new TextEncoder().encode("DICM"));
  const groupLength = new Uint8Array(4);
  new DataView(groupLength.buffer).setUint32(0, meta.length, true);
  head.element({ tag: "00020000", vr: "UL", value: { kind: "bytes", bytes: groupLength } });
  const body = new Writer(encoding);
  for (const element of file.elements) body.element(element);
  const parts = file.transferSyntaxUid === deflatedExplicitVrLittleEndian ? [deflate(body)] : body.parts;
  return concatenate([...head.parts, ...meta.parts, ...parts]);
}

/** PS3.5 A.5: a deflated data set is padded to an even length. */
function deflate(body: Writer): Uint8Array {
  const deflated = deflateSync(concatenate(body.parts), { level: 6 });
  return deflated.length % 2 === 0 ? deflated : concatenate([deflated, new Uint8Array(1)]);
}

function metaElements(file: WrittenFile): DataElement[] {
  const version = Uint8Array.of(0, 1);
  return [
    { tag: "00020001", vr: "OB", value: { kind: "bytes", bytes: version } },
    asciiElement("00020002", "UI", file.sopClassUid),
    asciiElement("00020003", "UI", file.sopInstanceUid),
    asciiElement("00020010", "UI", file.transferSyntaxUid),
    asciiElement("00020012", "UI", implementationClassUid),
    asciiElement("00020013", "SH", "CROSSREAD"),
  ];
}

class Writer {
  readonly parts: Uint8Array[] = [];
  length = 0;
  readonly #encoding: DataSetEncoding;

  constructor(encoding: DataSetEncoding) {
    this.#encoding = encoding;
  }

  bytes(part: Uint8Array): void {
    this.parts.push(part);
    this.length += part.length;
  }

  element({ tag, value, vr }: DataElement): void {
    if (value.kind === "bytes") {
      const isOdd = value.bytes.length % 2 === 1;
      this.#head(tag, vr, value.bytes.length + (isOdd ? 1 : 0));
      this.bytes(value.bytes);
      if (isOdd) this.bytes(new Uint8Array(1));
    } else if (value.kind === "items") {
      const inner = new Writer(this.#encoding);
      for (const item of value.items) inner.#item(item);
      this.#head(tag, "SQ", inner.length);
      this.#append(inner);
    } else {
      this.#head(tag, vr, undefinedLength);
      this.#fragments(value.fragments);
    }
  }

  #item(elements: readonly DataElement[]): void {
    const inner = new Writer(this.#encoding);
    for (const element of elements) inner.element(element);
    this.#itemHead("FFFEE000", inner.length);
    this.#append(inner);
  }

  #fragments({ offsetTable, parts }: Fragments): void {
    for (const part of [offsetTable, ...parts]) {
      const isOdd = part.length % 2 === 1;
      this.#itemHead("FFFEE000", part.length + (isOdd ? 1 : 0));
      this.bytes(part);
      if (isOdd) this.bytes(new Uint8Array(1));
    }
    this.#itemHead("FFFEE0DD", 0);
  }

  #append(inner: Writer): void {
    this.parts.push(...inner.parts);
    this.length += inner.length;
  }

  #head(tag: string, vr: string, length: number): void {
    if (!this.#encoding.isExplicit) {
      this.#itemHead(tag, length);
      return;
    }
    const isLong = longVrs.has(vr);
    const head = new Uint8Array(isLong ? 12 : 8);
    const view = this.#writeTag(head, tag);
    head[4] = vr.charCodeAt(0);
    head[5] = vr.charCodeAt(1);
    if (isLong) view.setUint32(8, length, !this.#encoding.isBigEndian);
    else view.setUint16(6, length, !this.#encoding.isBigEndian);
    this.bytes(head);
  }

  #itemHead(tag: string, length: number): void {
    const head = new Uint8Array(8);
    this.#writeTag(head, tag).setUint32(4, length, !this.#encoding.isBigEndian);
    this.bytes(head);
  }

  #writeTag(head: Uint8Array, tag: string): DataView {
    const view = new DataView(head.buffer);
    view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), !this.#encoding.isBigEndian);
    view.setUint16(2, Number.parseInt(tag.slice(4), 16), !this.#encoding.isBigEndian);
    return view;
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
