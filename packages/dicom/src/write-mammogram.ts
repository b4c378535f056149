/** Digital Mammography X-Ray Image IOD (PS3.3 A.27), every type 1 and type 2 attribute of its mandatory modules. */
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { type DicomAttributes, codedEntry, element, writePart10File } from "./part10-file.ts";

export type PhotometricInterpretation = "MONOCHROME1" | "MONOCHROME2";
export type VoiLutFunction = "LINEAR" | "LINEAR_EXACT" | "SIGMOID";

export interface VoiWindow {
  readonly center: number;
  readonly width: number;
  readonly explanation?: string;
}

export interface MammogramHeader {
  /** Pseudonymous; becomes Patient ID and Patient's Name. */
  readonly subjectId: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** DA, YYYYMMDD; also content and acquisition date. */
  readonly studyDate: string;
  /** TM, HHMMSS; 120000 when absent. */
  readonly studyTime?: string;
  readonly seriesNumber?: number;
  readonly instanceNumber?: number;
  readonly laterality: Laterality;
  readonly view: View;
  readonly presentationIntent?: "FOR PRESENTATION" | "FOR PROCESSING";
  readonly widthPx: number;
  readonly heightPx: number;
  /** 8…16. */
  readonly bitsStored: number;
  readonly photometricInterpretation: PhotometricInterpretation;
  /** The first is the default presentation; none when FOR PROCESSING. */
  readonly windows: readonly VoiWindow[];
  readonly voiLutFunction?: VoiLutFunction;
  /** Distance between rows, distance between columns, at the detector. */
  readonly imagerPixelSpacingMm: readonly [row: number, column: number];
  /** Direction of the rows, direction of the columns; by default as hung: chest wall left for L, right for R. */
  readonly patientOrientation?: readonly [row: string, column: string];
  readonly manufacturer: string;
  readonly manufacturerModelName: string;
  readonly softwareVersions: string;
  readonly institutionName?: string;
  readonly kvp?: number;
  readonly compressionForceN?: number;
  readonly bodyPartThicknessMm?: number;
  /** Written capped at 90. */
  readonly patientAgeYears?: number;
  readonly patientSex?: "F" | "M" | "O";
  readonly hasBreastImplant?: boolean;
}

const sopClassUids = {
  "FOR PRESENTATION": "1.2.840.10008.5.1.4.1.1.1.2",
  "FOR PROCESSING": "1.2.840.10008.5.1.4.1.1.1.2.1",
} as const;

const viewCodes = {
  CC: codedEntry("SCT", "399162004", "cranio-caudal"),
  MLO: codedEntry("SCT", "399368009", "medio-lateral oblique"),
} as const satisfies Record<View, DicomAttributes>;

const hungOrientations = {
  L: { CC: ["A", "R"], MLO: ["A", "FR"] },
  R: { CC: ["P", "L"], MLO: ["P", "FL"] },
} as const satisfies Record<Laterality, Record<View, readonly [string, string]>>;

/** DICOM file of one mammogram; pixels are row-major stored values in [0, 2^bitsStored). */
export function writeMammogram(header: MammogramHeader, pixels: Uint16Array): Uint8Array<ArrayBuffer> {
  return writePart10File(mammogramAttributes(header, pixels));
}

export function mammogramAttributes(header: MammogramHeader, pixels: Uint16Array): DicomAttributes {
  assertHeader(header);
  assertPixels(header, pixels);
  return {
    ...patientAttributes(header),
    ...studyAndSeriesAttributes(header),
    ...equipmentAndAcquisitionAttributes(header),
    ...imageAttributes(header),
    ...presentationAttributes(header),
    "7FE00010": element("OW", littleEndianBytes(pixels)),
  };
}

function patientAttributes(header: MammogramHeader): DicomAttributes {
  return {
    "00100010": element("PN", header.subjectId),
    "00100020": element("LO", header.subjectId),
    "00100030": element("DA"),
    "00100040": element("CS", header.patientSex ?? "F"),
    ...(header.patientAgeYears === undefined
      ? {}
      : { "00101010": element("AS", `${String(Math.min(header.patientAgeYears, 90)).padStart(3, "0")}Y`) }),
    "00120062": element("CS", "YES"),
    "00120063": element("LO", "Pseudonym assigned before the instance was created"),
    "00280303": element("CS", "MODIFIED"),
  };
}

function studyAndSeriesAttributes(header: MammogramHeader): DicomAttributes {
  const intent = header.presentationIntent ?? "FOR PRESENTATION";
  const time = header.studyTime ?? "120000";
  return {
    "00080005": element("CS", "ISO_IR 192"),
    "00080016": element("UI", sopClassUids[intent]),
    "00080018": element("UI", header.sopInstanceUid),
    "00080020": element("DA", header.studyDate),
    "00080022": element("DA", header.studyDate),
    "00080023": element("DA", header.studyDate),
    "00080030": element("TM", time),
    "00080032": element("TM", time),
    "00080033": element("TM", time),
    "00080050": element("SH"),
    "00080060": element("CS", "MG"),
    "00080068": element("CS", intent),
    "00080090": element("PN"),
    "0020000D": element("UI", header.studyInstanceUid),
    "0020000E": element("UI", header.seriesInstanceUid),
    "00200010": element("SH", "1"),
    "00200011": element("IS", String(header.seriesNumber ?? 1)),
    "00200013": element("IS", String(header.instanceNumber ?? 1)),
  };
}

function equipmentAndAcquisitionAttributes(header: MammogramHeader): DicomAttributes {
  return {
    "00080070": element("LO", header.manufacturer),
    ...(header.institutionName === undefined ? {} : { "00080080": element("LO", header.institutionName) }),
    "00081090": element("LO", header.manufacturerModelName),
    "00180015": element("CS", "BREAST"),
    ...decimal("00180060", header.kvp),
    "00181020": element("LO", header.softwareVersions),
    "00181164": element("DS", ...header.imagerPixelSpacingMm.map(toDecimalString)),
    ...decimal("001811A0", header.bodyPartThicknessMm),
    ...decimal("001811A2", header.compressionForceN),
    "00181508": element("CS", "MAMMOGRAPHIC"),
    "00187004": element("CS"),
    "00400318": element("CS", "BREAST"),
    "00400555": element("SQ"),
  };
}

function imageAttributes(header: MammogramHeader): DicomAttributes {
  const isForProcessing = header.presentationIntent === "FOR PROCESSING";
  return {
    "00080008": element("CS", isForProcessing ? "ORIGINAL" : "DERIVED", "PRIMARY", ""),
    "00082218": element("SQ", codedEntry("SCT", "76752008", "Breast")),
    "00185101": element("CS", header.view),
    "00200020": element(
      "CS",
      ...(header.patientOrientation ?? hungOrientations[header.laterality][header.view]),
    ),
    "00200062": element("CS", header.laterality),
    "00280002": element("US", 1),
    "00280004": element("CS", header.photometricInterpretation),
    "00280010": element("US", header.heightPx),
    "00280011": element("US", header.widthPx),
    "00280100": element("US", 16),
    "00280101": element("US", header.bitsStored),
    "00280102": element("US", header.bitsStored - 1),
    "00280103": element("US", 0),
    "00280301": element("CS", "NO"),
    "00281300": element("CS", header.hasBreastImplant === true ? "YES" : "NO"),
    "00282110": element("CS", "00"),
    "00540220": element("SQ", { ...viewCodes[header.view], "00540222": element("SQ") }),
  };
}

function presentationAttributes(header: MammogramHeader): DicomAttributes {
  const isInverse = header.photometricInterpretation === "MONOCHROME1";
  return {
    // PS3.3 C.8.11.3.1.2: LOG with sign −1 when more X-ray gives smaller values, as in MONOCHROME2.
    "00281040": element("CS", "LOG"),
    "00281041": element("SS", isInverse ? 1 : -1),
    "00281052": element("DS", "0"),
    "00281053": element("DS", "1"),
    "00281054": element("LO", "US"),
    // PS3.3 C.8.11.3: INVERSE goes with MONOCHROME1; both describe one and the same inversion.
    "20500020": element("CS", isInverse ? "INVERSE" : "IDENTITY"),
    ...(header.windows.length === 0 ? {} : windowAttributes(header)),
  };
}

function windowAttributes(header: MammogramHeader): DicomAttributes {
  const hasExplanations = header.windows.some(({ explanation }) => explanation !== undefined);
  return {
    "00281050": element("DS", ...header.windows.map(({ center }) => toDecimalString(center))),
    "00281051": element("DS", ...header.windows.map(({ width }) => toDecimalString(width))),
    ...(hasExplanations
      ? { "00281055": element("LO", ...header.windows.map(({ explanation }) => explanation ?? "")) }
      : {}),
    "00281056": element("CS", header.voiLutFunction ?? "LINEAR"),
  };
}

function decimal(tag: string, value: number | undefined): DicomAttributes {
  return value === undefined ? {} : { [tag]: element("DS", toDecimalString(value)) };
}

/** DS holds at most 16 characters (PS3.5 6.2). */
function toDecimalString(value: number): string {
  const exact = String(value);
  return exact.length <= 16 ? exact : value.toPrecision(9).replace(/\.?0+(?=e|$)/, "");
}

function littleEndianBytes(pixels: Uint16Array): ArrayBuffer {
  const bytes = new ArrayBuffer(pixels.length * 2);
  const view = new DataView(bytes);
  for (let index = 0; index < pixels.length; index++) view.setUint16(index * 2, pixels[index]!, true);
  return bytes;
}

function assertHeader(header: MammogramHeader): void {
  for (const name of ["studyInstanceUid", "seriesInstanceUid", "sopInstanceUid"] as const) {
    const uid = header[name];
    // PS3.5 9.1
    if (uid.length > 64 || !/^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/.test(uid)) {
      throw refusal(header, `${name} must be a DICOM UID, got "${uid}"`);
    }
  }
  if (!/^\d{8}$/.test(header.studyDate))
    throw refusal(header, `studyDate must be YYYYMMDD, got "${header.studyDate}"`);
  if (header.subjectId === "" || header.subjectId.length > 64 || /[\\^=\p{Cc}]/u.test(header.subjectId)) {
    throw refusal(header, "subjectId must have 1 to 64 characters without \\, ^, = and control characters");
  }
  const isBitsOk = Number.isInteger(header.bitsStored) && header.bitsStored >= 8 && header.bitsStored <= 16;
  if (!isBitsOk) throw refusal(header, `bitsStored must be an integer in 8…16, got ${header.bitsStored}`);
  // PS3.3 C.8.11.3: a window is required FOR PRESENTATION and forbidden FOR PROCESSING.
  const isForProcessing = header.presentationIntent === "FOR PROCESSING";
  if ((header.windows.length === 0) !== isForProcessing) {
    throw refusal(header, "an image FOR PRESENTATION needs a window, one FOR PROCESSING may not have any");
  }
  if (header.windows.some(({ width }) => !(width >= 1)))
    throw refusal(header, "a window width must be at least 1");
}

function assertPixels(header: MammogramHeader, pixels: Uint16Array): void {
  const { widthPx, heightPx, bitsStored } = header;
  if (![widthPx, heightPx].every((size) => Number.isInteger(size) && size > 0 && size <= 65535)) {
    throw refusal(header, `rows and columns must be integers in 1…65535, got ${widthPx} × ${heightPx}`);
  }
  if (pixels.length !== widthPx * heightPx) {
    throw refusal(
      header,
      `${widthPx} × ${heightPx} needs ${widthPx * heightPx} pixels, got ${pixels.length}`,
    );
  }
  const limit = 2 ** bitsStored;
  const index = pixels.findIndex((value) => value >= limit);
  if (index >= 0) throw refusal(header, `a pixel is ${pixels[index]}, but ${bitsStored} bits are stored`);
}

function refusal(header: MammogramHeader, rule: string): DomainError {
  return new DomainError("usage", `Mammogram ${header.sopInstanceUid} cannot be written: ${rule}.`);
}
