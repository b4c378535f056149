import { DomainError } from "@crossread/contracts/errors";
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import { type DataElement, findElement, valueBytes } from "../deidentify/data-element.ts";
import { textDecoderOf } from "../deidentify/decoded-text.ts";
import { parseDicomFile } from "../deidentify/parse-data-set.ts";
import type { MammogramInstance, Presentation } from "../mammogram-instance.ts";
import { readInstance } from "../read-instance.ts";
import { text } from "./element-values.ts";

/** What reports, marks and maps say of the de-identified image that they belong to. */
export interface ReferencedImage {
  readonly instanceId: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly laterality: Laterality | undefined;
  readonly view: View | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Distance between rows, between columns: calibrated, else at the detector. */
  readonly pixelSpacingMm: readonly [row: number, column: number] | undefined;
  readonly isMonochrome1: boolean;
  readonly presentation: Presentation;
  /** Patient and General Study modules as the image has them, without (0020,000D). */
  readonly patientAndStudy: readonly DataElement[];
}

/** PS3.3 C.7.1.1, C.7.2.1, C.7.2.2, as far as the de-identified image keeps them. Type 2 attributes are always written. */
const copied: readonly (readonly [tag: string, vr: string, isType2: boolean])[] = [
  ["00080020", "DA", true],
  ["00080030", "TM", true],
  ["00080050", "SH", true],
  ["00080090", "PN", true],
  ["00100010", "PN", true],
  ["00100020", "LO", true],
  ["00100030", "DA", true],
  ["00100040", "CS", true],
  ["00101010", "AS", false],
  ["00120062", "CS", false],
  ["00120063", "LO", false],
  ["00200010", "SH", true],
  ["00280303", "CS", false],
];

/** Reads the header of a stored file; its identity is what de-identification left. */
export function readReferencedImage(bytes: Uint8Array, instanceId: string): ReferencedImage {
  const fileName = `image ${instanceId}`;
  const instance = readInstance(bytes, fileName);
  assertUids(instance);
  const { elements } = parseDicomFile(bytes, fileName);
  const decoder = textDecoderOf(elements);
  const patientAndStudy = copied.flatMap(([tag, vr, isType2]) => {
    const value = decoder.decode(valueBytes(findElement(elements, tag))).replace(/[\0 ]+$/, "");
    return value === "" && !isType2 ? [] : [text(tag, vr, value)];
  });
  return {
    instanceId,
    sopClassUid: instance.sopClassUid,
    sopInstanceUid: instance.sopInstanceUid,
    seriesInstanceUid: instance.seriesInstanceUid,
    studyInstanceUid: instance.studyInstanceUid,
    laterality: instance.laterality,
    view: instance.view,
    widthPx: instance.pixel.columns,
    heightPx: instance.pixel.rows,
    pixelSpacingMm: instance.pixelSpacingMm ?? instance.imagerPixelSpacingMm,
    isMonochrome1: instance.pixel.photometricInterpretation === "MONOCHROME1",
    presentation: instance.presentation,
    patientAndStudy,
  };
}

function assertUids(instance: MammogramInstance): void {
  const { seriesInstanceUid, sopInstanceUid, studyInstanceUid } = instance;
  if ([seriesInstanceUid, sopInstanceUid, studyInstanceUid].includes("")) {
    throw new DomainError(
      "uid-missing",
      `A referenced image needs its UIDs, but ${instance.fileName} lacks one.`,
    );
  }
}
