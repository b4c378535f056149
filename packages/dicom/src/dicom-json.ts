/// <reference path="./dcmjs.d.ts" />
/** DICOM file → DICOM JSON model (PS3.18 F): header inline, long binary values and pixels by address. */
import { DomainError } from "@crossread/contracts/errors";
import dcmjs from "dcmjs";

export interface DicomJsonElement {
  readonly vr: string;
  readonly Value?: readonly DicomJsonValue[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}
export type DicomJsonValue = string | number | null | PersonName | DicomJson;
export type DicomJson = { readonly [tag: string]: DicomJsonElement };
type PersonName = { readonly Alphabetic?: string; readonly Ideographic?: string; readonly Phonetic?: string };

export interface DicomJsonOptions {
  readonly fileName: string;
  /** Address of a value by its path: tags and item indices, `00089215/0/00091010`. */
  readonly bulkDataUri: (path: string) => string;
}

/** Longer binary values go by address. */
const maxInlineBytes = 1_024;
const pixelData = "7FE00010";
const binaryVrs = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "UN"]);
const integerStringVrs = new Set(["SV", "UV"]);

/** The data set of a file without group 0002. Pixel Data is always by address. */
export function toDicomJson(bytes: Uint8Array, options: DicomJsonOptions): DicomJson {
  const { dict } = readDataSet(bytes, { fileName: options.fileName, untilTag: pixelData });
  return toAttributes(dict, { options, path: "" });
}

/** Bytes of one value that `toDicomJson` gave by address, little endian; undefined where there is none. */
export function findBulkValue(bytes: Uint8Array, path: string, fileName: string): Uint8Array | undefined {
  const steps = path.split("/");
  let item: unknown = readDataSet(bytes, { fileName, untilTag: pixelData }).dict;
  for (let index = 0; ; index += 2) {
    const element = elementOf(item, steps[index] ?? "");
    if (element === undefined) return undefined;
    if (index === steps.length - 1)
      return binaryVrs.has(element.vr ?? "") ? joined(element.Value) : undefined;
    item = element.Value?.[Number(steps[index + 1])];
  }
}

interface ReadDataSetOptions {
  readonly fileName: string;
  readonly untilTag?: string;
}

export function readDataSet(bytes: Uint8Array, options: ReadDataSetOptions) {
  // It reports on the console what it makes do with, and may quote values there.
  dcmjs.log.setLevel("silent", false);
  const { fileName, untilTag } = options;
  const buffer = new Uint8Array(bytes).buffer;
  try {
    return dcmjs.data.DicomMessage.readFile(
      buffer,
      untilTag === undefined ? {} : { untilTag, includeUntilTagValue: false },
    );
  } catch (error) {
    throw new DomainError("image-unreadable", `${fileName} cannot be parsed as DICOM.`, { cause: error });
  }
}

type RawElement = { readonly vr?: string; readonly Value?: readonly unknown[] };

interface Place {
  readonly options: DicomJsonOptions;
  /** Ends in a slash, or is empty at the root. */
  readonly path: string;
}

function toAttributes(dict: Readonly<Record<string, RawElement>>, place: Place): DicomJson {
  const attributes: Record<string, DicomJsonElement> = {};
  for (const tag of Object.keys(dict).toSorted()) {
    const raw = dict[tag];
    // Group lengths (gggg,0000) are retired.
    if (raw === undefined || !/^[0-9A-F]{8}$/.test(tag) || tag.endsWith("0000")) continue;
    attributes[tag] =
      tag === pixelData && place.path === ""
        ? { vr: "OW", BulkDataURI: place.options.bulkDataUri(tag) }
        : toElement(raw, tag, place);
  }
  return attributes;
}

function toElement(raw: RawElement, tag: string, place: Place): DicomJsonElement {
  const vr = raw.vr ?? "UN";
  const path = `${place.path}${tag}`;
  if (binaryVrs.has(vr)) {
    const bytes = joined(raw.Value);
    if (bytes.length === 0) return { vr };
    if (bytes.length > maxInlineBytes) return { vr, BulkDataURI: place.options.bulkDataUri(path) };
    return { vr, InlineBinary: toBase64(bytes) };
  }
  const values = raw.Value ?? [];
  if (vr === "SQ") {
    const items = values.map((item, index) =>
      toAttributes(isRecord(item) ? item : {}, { ...place, path: `${path}/${index}/` }),
    );
    return items.length === 0 ? { vr } : { vr, Value: items };
  }
  const converted = values.map((value) => toValue(vr, value));
  return converted.every((value) => value === null) ? { vr } : { vr, Value: converted };
}

/** F.2.5: an empty value among others is null. */
function toValue(vr: string, value: unknown): DicomJsonValue {
  if (vr === "PN") return toPersonName(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") {
    if (vr === "AT") return value.toString(16).toUpperCase().padStart(8, "0");
    if (integerStringVrs.has(vr)) return String(value);
    return Number.isFinite(value) ? value : null;
  }
  if (typeof value !== "string") return null;
  const text = value.replace(/[\0 ]+$/, "");
  return text === "" ? null : text;
}

function toPersonName(value: unknown): DicomJsonValue {
  if (typeof value === "string") return value === "" ? null : { Alphabetic: value };
  if (!isRecord(value)) return null;
  const groups = (["Alphabetic", "Ideographic", "Phonetic"] as const).flatMap((group) => {
    const text: unknown = value[group];
    return typeof text === "string" && text !== "" ? [[group, text] as const] : [];
  });
  return groups.length === 0 ? null : Object.fromEntries(groups);
}

const isRecord = (value: unknown): value is Readonly<Record<string, RawElement>> =>
  typeof value === "object" && value !== null && !(value instanceof ArrayBuffer);

function elementOf(item: unknown, tag: string): RawElement | undefined {
  return isRecord(item) && Object.hasOwn(item, tag) ? item[tag] : undefined;
}

function joined(values: readonly unknown[] | undefined): Uint8Array {
  const parts = (values ?? []).flatMap((value) =>
    value instanceof ArrayBuffer
      ? [new Uint8Array(value)]
      : ArrayBuffer.isView(value)
        ? [new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
        : [],
  );
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
