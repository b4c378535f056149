import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { DataSet } from "dicom-parser";
import {
  decimals,
  type DicomDataSet,
  firstDecimal,
  firstString,
  firstText,
  items,
  parseDicomDataSet,
  strings,
} from "./dicom-data-set.ts";
import { assertImageClass } from "./document-kind.ts";
import type { MammogramInstance } from "./mammogram-instance.ts";
import { readImagePixel } from "./read-image-pixel.ts";
import { readPresentation } from "./read-presentation.ts";
import { parseViewPosition, toView, viewModifierName, viewName } from "./view-code.ts";

/** Reads the header and locates the pixels; refuses bytes that are no DICOM image. Decodes nothing. */
export function readInstance(bytes: Uint8Array, fileName: string): MammogramInstance {
  const dataSet = parseDicomDataSet(bytes, fileName);
  const { root } = dataSet;
  const sopClassUid = firstString(root, "x00080016") ?? "";
  assertImageClass(sopClassUid, fileName);
  const pixel = readImagePixel(dataSet, fileName);
  return {
    fileName,
    transferSyntaxUid: dataSet.transferSyntaxUid,
    sopClassUid,
    sopInstanceUid: firstString(root, "x00080018") ?? "",
    studyInstanceUid: firstString(root, "x0020000d") ?? "",
    seriesInstanceUid: firstString(root, "x0020000e") ?? "",
    modality: firstString(root, "x00080060")?.toUpperCase() ?? "",
    imageType: strings(root, "x00080008").map((value) => value.toUpperCase()),
    isIdentityRemoved: firstString(root, "x00120062") === "YES",
    viewModifiers: viewModifiers(root),
    isSpecimen: isSpecimen(root),
    isLateralityContradicted: new Set(ownLateralities(root)).size > 1,
    isOtherAnatomy: isOtherAnatomy(root),
    isPartialView: yesOrNo(root, "x00281350") === true,
    ...readStated(dataSet),
    pixel,
    presentation: readPresentation(dataSet, pixel, fileName),
  };
}

type Stated = Partial<
  Omit<
    MammogramInstance,
    | "pixel"
    | "presentation"
    | "fileName"
    | "viewModifiers"
    | "isSpecimen"
    | "isLateralityContradicted"
    | "isOtherAnatomy"
    | "isPartialView"
  >
>;

/** The attributes that may be absent, without the absent ones. */
function readStated(dataSet: DicomDataSet): Stated {
  const { root } = dataSet;
  const isUtf8 = strings(root, "x00080005").includes("ISO_IR 192");
  return withoutAbsent({
    presentationIntent: firstString(root, "x00080068")?.toUpperCase(),
    conversionType: firstString(root, "x00080064")?.toUpperCase(),
    patientId: firstText(root, "x00100020", isUtf8),
    studyDate: firstString(root, "x00080020"),
    patientAgeYears: ageYears(firstString(root, "x00101010")),
    patientSex: firstString(root, "x00100040"),
    laterality: laterality(root),
    ...view(root),
    patientOrientation: pair(strings(root, "x00200020").filter((value) => value !== "")),
    hasBreastImplant: yesOrNo(root, "x00281300"),
    hasBurnedInAnnotation: yesOrNo(root, "x00280301"),
    manufacturer: firstText(root, "x00080070", isUtf8),
    manufacturerModelName: firstText(root, "x00081090", isUtf8),
    softwareVersions: firstText(root, "x00181020", isUtf8),
    kvp: firstDecimal(root, "x00180060"),
    compressionForceN: firstDecimal(root, "x001811a2"),
    bodyPartThicknessMm: firstDecimal(root, "x001811a0"),
    imagerPixelSpacingMm: spacing(root, "x00181164"),
    pixelSpacingMm: spacing(root, "x00280030"),
    pixelSpacingCalibrationType: firstString(root, "x00280a02")?.toUpperCase(),
    nominalScannedPixelSpacingMm: spacing(root, "x00182010"),
    statedPixelAspectRatio: spacing(root, "x00280034"),
    magnificationFactor: magnificationFactor(root),
    bodyPart: firstString(root, "x00180015")?.toUpperCase(),
  });
}

/** (0020,0062), else (0020,0060), else Frame Laterality, else View Position's side, else the coded anatomy's side. */
function laterality(root: DataSet): Laterality | undefined {
  const stated = firstString(root, "x00200062") ?? firstString(root, "x00200060");
  if (stated !== undefined) return toSide(stated);
  return ownLateralities(root)[0];
}

/** What the image itself, not its series, says about its side, in that order; B and U say nothing. */
function ownLateralities(root: DataSet): Laterality[] {
  const frameAnatomy = items(root, "x52009229").flatMap((group) => items(group, "x00209071"));
  const modifiers = items(root, "x00082218").flatMap((region) => items(region, "x00082220"));
  return [
    toSide(firstString(root, "x00200062")),
    ...frameAnatomy.map((item) => toSide(firstString(item, "x00209072"))),
    parseViewPosition(firstString(root, "x00185101") ?? "").laterality,
    ...modifiers.map((item) => sideOfCode[firstString(item, "x00080100") ?? ""]),
  ].filter((side) => side !== undefined);
}

/** Anatomic Region Modifier: CID 2 in SNOMED CT and SNOMED-RT. */
const sideOfCode: Readonly<Record<string, Laterality>> = {
  "24028007": "R",
  "G-A100": "R",
  "7771000": "L",
  "G-A101": "L",
};

function toSide(text: string | undefined): Laterality | undefined {
  const value = text?.toUpperCase();
  return value === "L" || value === "R" ? value : undefined;
}

/** Breast in SNOMED CT and SNOMED-RT; an empty or absent sequence says nothing. */
function isOtherAnatomy(root: DataSet): boolean {
  const codes = items(root, "x00082218").map((item) => firstString(item, "x00080100"));
  return codes.some((code) => code !== undefined && !["76752008", "T-04000"].includes(code));
}

/** Below 1 or absurd is no statement about a projection. */
function magnificationFactor(root: DataSet): number | undefined {
  const factor = firstDecimal(root, "x00181114");
  return factor !== undefined && factor >= 1 && factor <= 5 ? factor : undefined;
}

/** PS3.3 C.8.11.5: View Code Sequence replaces the function of View Position, so it is asked first. */
function view(root: DataSet): { view: View | undefined; viewName: string | undefined } {
  const coded = items(root, "x00540220").map((item) => firstString(item, "x00080100"))[0];
  const text = firstString(root, "x00185101");
  const name =
    coded !== undefined ? viewName(coded) : text === undefined ? undefined : parseViewPosition(text).name;
  return { view: toView(name), viewName: name };
}

function viewModifiers(root: DataSet): string[] {
  const coded = items(root, "x00540220")
    .flatMap((item) => items(item, "x00540222"))
    .map((item) => firstString(item, "x00080100"))
    .filter((code) => code !== undefined)
    .map(viewModifierName);
  const written = parseViewPosition(firstString(root, "x00185101") ?? "").modifiers;
  return [...new Set([...coded, ...written])];
}

function isSpecimen(root: DataSet): boolean {
  const hasSpecimenModule =
    items(root, "x00400560").length > 0 || firstString(root, "x00400512") !== undefined;
  return hasSpecimenModule || view(root).viewName?.toLowerCase() === "specimen";
}

/** AS: nnnD, nnnW, nnnM or nnnY (PS3.5 6.2). */
function ageYears(text: string | undefined): number | undefined {
  const match = /^(\d{3})([DWMY])$/.exec(text ?? "");
  if (match === null) return undefined;
  const unitsPerYear = { D: 365.25, W: 52.18, M: 12, Y: 1 }[match[2] ?? "Y"] ?? 1;
  return Math.floor(Number(match[1]) / unitsPerYear);
}

function yesOrNo(root: DataSet, tag: string): boolean | undefined {
  const value = firstString(root, tag)?.toUpperCase();
  return value === "YES" ? true : value === "NO" ? false : undefined;
}

function spacing(root: DataSet, tag: string): readonly [number, number] | undefined {
  const found = pair(decimals(root, tag));
  return found !== undefined && found.every((value) => value > 0 && Number.isFinite(value))
    ? found
    : undefined;
}

function pair<TValue>(values: readonly TValue[]): readonly [TValue, TValue] | undefined {
  const [first, second] = values;
  return first === undefined || second === undefined ? undefined : [first, second];
}

type WithoutAbsent<TRecord> = { [TKey in keyof TRecord]?: Exclude<TRecord[TKey], undefined> };

function withoutAbsent<TRecord extends object>(record: TRecord): WithoutAbsent<TRecord> {
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as WithoutAbsent<TRecord>;
}
