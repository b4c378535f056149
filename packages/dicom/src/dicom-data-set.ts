/** Bytes → data set: DICOM files (PS3.10) and, leniently, bare data sets and files without preamble. */
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import dicomParser, { type DataSet, type Element } from "dicom-parser";
import { assertDataSetStructure, type Encoding } from "./data-set-structure.ts";
import { type FileMeta, readFileMeta } from "./file-meta.ts";
import { inflateRawWithin } from "./inflate-raw.ts";

export const implicitVrLittleEndian = "1.2.840.10008.1.2";
export const explicitVrBigEndian = "1.2.840.10008.1.2.2";
const explicitVrLittleEndian = "1.2.840.10008.1.2.1";
const deflatedExplicitVrLittleEndian = "1.2.840.10008.1.2.1.99";

/** Largest file that is looked at; nothing is copied that is larger than one plane. */
export const maxFileBytes = 1024 * 1024 * 1024;

/** Real images deflate to a fiftieth at most, flat ones of phantoms to a thousandth, but those are small. */
const maxInflationRatio = 100;
const freeInflatedBytes = 16 * 1024 * 1024;

/** Largest inflated data set: one plane of the largest accepted size at 16 bits, and room for its header. */
export const maxInflatedBytes = 144 * 1024 * 1024;

export interface DicomDataSet {
  readonly transferSyntaxUid: string;
  readonly isBigEndian: boolean;
  readonly root: DataSet;
}

export function isDicomFile(bytes: Uint8Array): boolean {
  return hasPrefixAt(bytes, 128);
}

/** True for what `parseDicomDataSet` would try: a DICOM file, or bytes that begin like a bare data set. */
export function looksLikeDicom(bytes: Uint8Array): boolean {
  return isDicomFile(bytes) || startsWithFileMeta(bytes) || bareTransferSyntax(bytes) !== undefined;
}

export function parseDicomDataSet(bytes: Uint8Array, fileName: string): DicomDataSet {
  if (bytes.length > maxFileBytes) {
    throw new DomainError(
      "image-unreadable",
      `A file may have at most ${maxFileBytes} bytes, but ${fileName} has ${bytes.length}.`,
    );
  }
  try {
    const root = parse(bytes, fileName);
    const transferSyntaxUid = readTransferSyntaxUid(root);
    return { transferSyntaxUid, isBigEndian: transferSyntaxUid === explicitVrBigEndian, root };
  } catch (error) {
    if (isDomainError(error)) throw error;
    if (isOverrun(error)) {
      throw new DomainError("image-truncated", `${fileName} is a DICOM file that ends inside its data set.`, {
        cause: error,
      });
    }
    throw new DomainError("image-unreadable", `${fileName} cannot be parsed as DICOM.`, { cause: error });
  }
}

/** Values of a text element, split at backslashes and stripped of padding; empty values stay "". */
export function strings(dataSet: DataSet, tag: string): string[] {
  const value = dataSet.elements[tag] === undefined ? undefined : dataSet.string(tag);
  if (value === undefined) return [];
  return value.split("\\").map((part) => part.replaceAll("\0", "").trim());
}

/** First value, undefined when absent or empty. */
export function firstString(dataSet: DataSet, tag: string): string | undefined {
  const value = strings(dataSet, tag)[0];
  return value === "" ? undefined : value;
}

/** Free text in the file's own repertoire where that is UTF-8 or Latin-1. */
export function firstText(dataSet: DataSet, tag: string, isUtf8: boolean): string | undefined {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length === 0) return undefined;
  const decoder = new TextDecoder(isUtf8 ? "utf-8" : "latin1");
  const value = decoder.decode(elementBytes(dataSet, element)).split("\\")[0];
  const trimmed = value?.replaceAll("\0", "").trim();
  return trimmed === "" ? undefined : trimmed;
}

/** DS and IS values; a value that is no number is NaN, so that the caller can refuse it. */
export function decimals(dataSet: DataSet, tag: string): number[] {
  return strings(dataSet, tag)
    .filter((value) => value !== "")
    .map(Number);
}

export function firstDecimal(dataSet: DataSet, tag: string): number | undefined {
  const value = decimals(dataSet, tag)[0];
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

/** US values of any element of 16-bit words, whatever its VR. */
export function unsignedShorts(dataSet: DataSet, tag: string): number[] {
  const element = dataSet.elements[tag];
  if (element === undefined) return [];
  const count = Math.floor(elementBytes(dataSet, element).length / 2);
  return Array.from({ length: count }, (_, index) => dataSet.uint16(tag, index) ?? 0);
}

export function items(dataSet: DataSet, tag: string): DataSet[] {
  const found = dataSet.elements[tag]?.items ?? [];
  return found.map((item) => item.dataSet).filter((item) => item !== undefined);
}

/** The element's value as it lies in the file, cut at the end of the file. */
export function elementBytes(dataSet: DataSet, element: Element): Uint8Array {
  return dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
}

function parse(bytes: Uint8Array, fileName: string): DataSet {
  const whole = isDicomFile(bytes) ? bytes : startsWithFileMeta(bytes) ? withPreamble(bytes) : undefined;
  if (whole === undefined) {
    const transferSyntaxUid = bareTransferSyntax(bytes);
    if (transferSyntaxUid === undefined)
      throw new TypeError("neither DICM prefix nor a plausible first element");
    assertDataSetStructure(bytes, 0, encodingOf(transferSyntaxUid, fileName));
    return dicomParser.parseDicom(bytes, { TransferSyntaxUID: transferSyntaxUid });
  }
  const meta = readFileMeta(whole, fileName);
  const file = withoutPaddedSyntax(whole, meta);
  const { transferSyntaxUid, end: start } = meta;
  if (transferSyntaxUid !== deflatedExplicitVrLittleEndian) {
    assertDataSetStructure(file, start, encodingOf(transferSyntaxUid, fileName));
  }
  const inflater = (all: Uint8Array, position: number) => {
    const deflated = all.subarray(position);
    const limit = Math.min(maxInflatedBytes, freeInflatedBytes + maxInflationRatio * deflated.length);
    const inflated = inflateRawWithin(deflated, limit, all.subarray(0, position));
    assertDataSetStructure(inflated, position, encodingOf(transferSyntaxUid, fileName));
    return inflated;
  };
  return dicomParser.parseDicom(file, { inflater });
}

function encodingOf(transferSyntaxUid: string, fileName: string): Encoding {
  return {
    isImplicit: transferSyntaxUid === implicitVrLittleEndian,
    isBigEndian: transferSyntaxUid === explicitVrBigEndian,
    fileName,
  };
}

/** dicom-parser compares the UID as it stands: spaces behind it (PS3.5 6.2 wants a zero) would change the encoding. */
function withoutPaddedSyntax(file: Uint8Array, { syntaxStart, syntaxEnd }: FileMeta): Uint8Array {
  if (!file.subarray(syntaxStart, syntaxEnd).includes(0x20)) return file;
  const copy = Uint8Array.from(file);
  for (let offset = syntaxStart; offset < syntaxEnd; offset++) {
    if (copy[offset] === 0x20) copy[offset] = 0;
  }
  return copy;
}

function withPreamble(bytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(132 + bytes.length);
  file.set([0x44, 0x49, 0x43, 0x4d], 128);
  file.set(bytes, 132);
  return file;
}

function readTransferSyntaxUid(root: DataSet): string {
  const element: (Element & { Value?: unknown }) | undefined = root.elements["x00020010"];
  // dicom-parser stores the transfer syntax that it was told for a bare data set as `Value`.
  if (typeof element?.Value === "string") return element.Value;
  return firstString(root, "x00020010") ?? "";
}

function hasPrefixAt(bytes: Uint8Array, offset: number): boolean {
  return [0x44, 0x49, 0x43, 0x4d].every((byte, index) => bytes[offset + index] === byte);
}

function startsWithFileMeta(bytes: Uint8Array): boolean {
  return bytes[0] === 0x02 && bytes[1] === 0x00 && bytes[2]! <= 0x16 && bytes[3] === 0x00 && hasVr(bytes);
}

/** A bare data set starts in group 0008, whose first elements have small numbers. */
function bareTransferSyntax(bytes: Uint8Array): string | undefined {
  if (bytes.length < 16) return undefined;
  if (bytes[0] === 0x08 && bytes[1] === 0x00 && bytes[3] === 0x00) {
    if (hasVr(bytes)) return explicitVrLittleEndian;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    return length < 256 && length % 2 === 0 ? implicitVrLittleEndian : undefined;
  }
  if (bytes[0] === 0x00 && bytes[1] === 0x08 && bytes[2] === 0x00 && hasVr(bytes)) return explicitVrBigEndian;
  return undefined;
}

function hasVr(bytes: Uint8Array): boolean {
  return /^[A-Z]{2}$/.test(String.fromCharCode(bytes[4] ?? 0, bytes[5] ?? 0));
}

/** dicom-parser throws strings, errors and `{ exception }` records. */
function isOverrun(error: unknown): boolean {
  const inner = typeof error === "object" && error !== null && "exception" in error ? error.exception : error;
  const message = inner instanceof Error ? inner.message : String(inner);
  return /overrun|read past end|past the end|end of (file|buffer|data)|unexpected EOF/i.test(message);
}
