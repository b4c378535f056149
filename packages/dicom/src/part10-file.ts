/// <reference path="./dcmjs.d.ts" />
import dcmjs from "dcmjs";

export type DicomValue = string | number | ArrayBuffer | DicomAttributes;

/** One data element as in the DICOM JSON model (PS3.18 F.2): values in order, sequences as nested attribute sets. */
export interface DicomElement {
  readonly vr: string;
  readonly Value: readonly DicomValue[];
}

/** Keys are eight upper-case hexadecimal digits: group and element. */
export type DicomAttributes = Readonly<Record<string, DicomElement>>;

export const explicitVrLittleEndian = "1.2.840.10008.1.2.1";

/** Under the UUID arc (PS3.5 B.2), so that no registered root is needed. */
export const implementationClassUid = "2.25.302018471206913358730429104761085731409";

export function element(vr: string, ...values: DicomValue[]): DicomElement {
  return { vr, Value: values };
}

/** Coded entry (PS3.3 8.8) with its type 1 attributes. */
export function codedEntry(scheme: string, value: string, meaning: string): DicomAttributes {
  return {
    "00080100": element("SH", value),
    "00080102": element("SH", scheme),
    "00080104": element("LO", meaning),
  };
}

/** DICOM file (PS3.10 7) in Explicit VR Little Endian; SOP Class and Instance UID are taken from the data set. */
export function writePart10File(attributes: DicomAttributes): Uint8Array<ArrayBuffer> {
  const meta: DicomAttributes = {
    "00020001": element("OB", Uint8Array.of(0, 1).buffer),
    "00020002": element("UI", ...(attributes["00080016"]?.Value ?? [])),
    "00020003": element("UI", ...(attributes["00080018"]?.Value ?? [])),
    "00020010": element("UI", explicitVrLittleEndian),
    "00020012": element("UI", implementationClassUid),
    "00020013": element("SH", "CROSSREAD"),
  };
  const file = new dcmjs.data.DicomDict(toMutable(meta));
  file.dict = toMutable(attributes);
  return new Uint8Array(file.write());
}

function toMutable(attributes: DicomAttributes): Record<string, { vr: string; Value: unknown[] }> {
  const copies = Object.entries(attributes).map(
    ([tag, { vr, Value }]) => [tag, { vr, Value: Value.map(toMutableValue) }] as const,
  );
  return Object.fromEntries(copies);
}

function toMutableValue(value: DicomValue): unknown {
  return typeof value === "object" && !(value instanceof ArrayBuffer) ? toMutable(value) : value;
}
