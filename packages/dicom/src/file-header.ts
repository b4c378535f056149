/** What a file says of itself before its pixels, from its first bytes alone: enough to sort files into studies. */
import dicomParser, { type DataSet } from "dicom-parser";
import { firstString, firstText, isDicomFile, strings } from "./dicom-data-set.ts";

/** Headers of mammograms take a few kilobytes; with icons and vendors' private tables some megabytes: tried in turn. */
export const headerSizesBytes = [256 * 1024, 8 * 1024 * 1024] as const;

const mediaDirectoryUid = "1.2.840.10008.1.3.10";

/** Names and dates of a person: for the screen of whoever holds the file, never to be sent. */
export interface FileHeader {
  readonly isMediaDirectory: boolean;
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly patientName: string;
  readonly studyDate: string;
  readonly modality: string;
  readonly laterality: string;
  readonly viewPosition: string;
}

/** Undefined where the beginning of the file does not tell; the file may still be an image. */
export function readFileHeader(beginning: Uint8Array): FileHeader | undefined {
  if (!isDicomFile(beginning)) return undefined;
  let root: DataSet;
  try {
    root = dicomParser.parseDicom(beginning, { untilTag: "x7fe00010" });
  } catch {
    return undefined;
  }
  const isUtf8 = strings(root, "x00080005").includes("ISO_IR 192");
  const text = (tag: string) => firstText(root, tag, isUtf8) ?? "";
  return {
    isMediaDirectory: firstString(root, "x00020002") === mediaDirectoryUid,
    studyInstanceUid: firstString(root, "x0020000d") ?? "",
    patientId: text("x00100020"),
    patientName: text("x00100010").replaceAll("^", " ").trim(),
    studyDate: firstString(root, "x00080020") ?? "",
    modality: firstString(root, "x00080060") ?? "",
    laterality: firstString(root, "x00200062") ?? firstString(root, "x00200060") ?? "",
    viewPosition: firstString(root, "x00185101") ?? "",
  };
}
